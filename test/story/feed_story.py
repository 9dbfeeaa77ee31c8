"""Feeds: fetched over TLS from a mirror that can misbehave; kept in the archive; refused when doubtful; made again byte for byte."""
import json
import os
import time

from mirror import (Mirror, cve_list, cve_record, epss, kev, make_authority, nvd_api, nvd_record, osv, osv_bucket, today, zipped)
from story import Failed, Folder, Server, check, run, run_json


class Site:
    """A data folder whose feeds come from a mirror."""

    def __init__(self, folder, mirror, name="site"):
        self.path = os.path.join(folder, name)
        self.mirror = mirror
        run("init", self.path, "--company", "Halden", "--admin", "ada@halden.example", "--name", "Ada", env={"PROOFLINE_PASSWORD_FILE": write(folder, "pw", "correct horse battery 9")})

    def __call__(self, *args, code=0, **more):
        return run("-C", self.path, *self.mirror.settings(), *args, code=code, **more)

    def json(self, *args, code=0):
        return json.loads(self(*args, "-o", "json", code=code).stdout)

    def add(self, name, kind, path, *more):
        self("feed", "add", name, kind, path if path.startswith("/srv") else self.mirror.url(path), *more)

    def update(self, *args, code=0):
        out = self.json("feed", "update", *args, code=code)
        return {s["name"]: s for s in out["sources"]}, out

    def status(self):
        return {s["name"]: s for s in self.json("feed", "status")["sources"]}


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text + "\n")
    return path


RECORDS = [osv(f"GHSA-000{i}-0000-000{i}", f"left{i}", "1.2.0", today(5)) for i in range(60)]


def story_feed_update():
    """All kinds: whole first, then only what their own change lists name; each intake is in the log."""
    with Folder() as folder, Mirror(folder) as m:
        site = Site(folder, m)
        osv_bucket(m, "npm", RECORDS)
        m.paths["/kev.json"] = kev(["CVE-2026-0001", "CVE-2026-0002"])
        m.paths["/epss.csv.gz"] = epss([("CVE-2026-0001", "0.9"), ("CVE-2026-0002", "0.1")])
        nvd = [nvd_record(f"CVE-2026-000{i}", f"pump{i}", "2.0", today(5)) for i in range(1, 6)]
        nvd_api(m, nvd)
        cves = [cve_record(f"CVE-2026-100{i}", "acme", f"valve{i}", "3.1", today(4)) for i in range(1, 4)]
        cve_list(m, cves, [(today(4), ["CVE-2026-1001"]), (today(6), [])])
        site.add("osv", "osv", "/osv", "--scope", "npm")
        site.add("nvd", "nvd", "/nvd")
        site.add("cve", "cve", "/cvelist", "--scope", m.url("/cvelist.zip"))
        site.add("kev", "kev", "/kev.json")
        site.add("epss", "epss", "/epss.csv.gz")
        got, out = site.update()
        check({n: (s["outcome"], s["live"]) for n, s in got.items()} ==
              {"osv": ("taken", 60), "nvd": ("taken", 5), "cve": ("taken", 3), "kev": ("taken", 1), "epss": ("taken", 1)}, str(got))
        first = out["snapshot"]
        check(len(first) == 64, "no snapshot")
        m.asked.clear()
        got, out = site.update()                      # nothing new: nothing but lists is asked, the snapshot stays
        check({s["outcome"] for s in got.values()} == {"unchanged"} and not out["snapshot"], str(got))
        check(not any(p.endswith(".zip") or "GHSA" in p for p in m.asked), str(m.asked))
        changed = RECORDS[:-1] + [osv(RECORDS[-1]["id"], "left59", "1.3.0", today())]
        osv_bucket(m, "npm", changed)
        nvd[0] = nvd_record("CVE-2026-0001", "pump1", "2.1", today())
        cves[0] = cve_record("CVE-2026-1001", "acme", "valve1", "3.2", today())
        cve_list(m, cves, [(today(), ["CVE-2026-1001"]), (today(4), ["CVE-2026-1001"]), (today(6), [])])
        m.asked.clear()
        got, out = site.update()
        check({n: (s["outcome"], s["changed"]) for n, s in got.items()} ==
              {"osv": ("taken", 1), "nvd": ("taken", 1), "cve": ("taken", 1), "kev": ("unchanged", 0), "epss": ("unchanged", 0)}, str(got))
        check([p for p in m.asked if "GHSA" in p] == [f"/osv/npm/{RECORDS[-1]['id']}.json"], str(m.asked))
        check(not any(p.endswith(".zip") for p in m.asked), "a whole archive was asked for one change")
        check(any("lastModStartDate" in p for p in m.asked), "no window")
        again = site("feed", "rebuild").stdout
        check(out["snapshot"] in again and "byte for byte" in again, again)
        check(first in site("feed", "rebuild", first).stdout, "the first snapshot cannot be made again")
        report = site.json("verify")
        check(not report["findings"], str(report["findings"]))


def story_feed_refusals():
    """Every guard: the words say what, the old snapshot stays in use, and the log keeps the try."""
    with Folder() as folder, Mirror(folder) as m:
        site = Site(folder, m)
        osv_bucket(m, "npm", RECORDS)
        m.paths["/kev.json"] = kev([f"CVE-2026-{i:04}" for i in range(40)])
        site.add("osv", "osv", "/osv", "--scope", "npm")
        site.add("kev", "kev", "/kev.json")
        _, out = site.update()
        good = out["snapshot"]
        whole = m.paths["/osv/npm/all.zip"]
        listing = m.paths["/osv/npm/modified_id.csv"]

        def refused(words, source, *args):
            got, out = site.update(source, *args, code=7)
            s = got[source]
            check(s["outcome"] in ("refused", "failed") and words in s["words"], f"{words}: {s}")
            check("kept" in s["words"] or "refused" in s["words"] or "followed" in s["words"] or "verify" in s["words"] or "answered" in s["words"]
                  or "fetched" in s["words"], s["words"])
            check(not out["snapshot"], "a doubtful feed was taken into use")
            check(site("feed", "rebuild").stdout.find(good) > 0, "another snapshot is in use")

        m.paths["/kev.json"] = kev([f"CVE-2026-{i:04}" for i in range(20)])
        refused("halved", "kev")
        m.paths["/kev.json"] = kev([])
        refused("last time", "kev")
        m.paths["/kev.json"] = kev([f"CVE-2026-{i:04}" for i in range(40)], today(400))
        refused("old feed", "kev")
        m.paths["/kev.json"] = kev([f"CVE-2026-{i:04}" for i in range(40)], today(3))
        refused("went back in time", "kev")
        m.paths["/kev.json"] = kev([f"CVE-2026-{i:04}" for i in range(40)], today(-5))
        refused("has not come yet", "kev")
        m.paths["/kev.json"] = b"<!DOCTYPE html><html><body>Sign in</body></html>"
        refused("web page", "kev")
        m.paths["/kev.json"] = b""
        refused("nothing of it can be used", "kev")
        m.paths["/kev.json"] = kev(["CVE-2026-0001"])[:-10]
        refused("broken JSON", "kev")
        m.paths["/kev.json"] = json.dumps({"catalogVersion": "1", "dateReleased": today(), "count": 9, "vulnerabilities": []}).encode()
        refused("counts otherwise", "kev")
        m.paths["/kev.json"] = lambda h: m.send(h, 302, b"", [("Location", "https://169.254.169.254/latest/meta-data/")])
        refused("redirects are not followed", "kev")
        m.paths["/kev.json"] = lambda h: m.send(h, 200, b"[" * 200000)
        refused("nothing of it can be used", "kev")
        del m.paths["/kev.json"]
        refused("404", "kev")
        m.paths["/kev.json"] = kev([f"CVE-2026-{i:04}" for i in range(40)])
        m.broken["/kev.json"] = 99
        refused("503 (3 tries)", "kev")
        m.broken.clear()
        m.paths["/osv/npm/modified_id.csv"] = b"\n".join(listing.split(b"\n")[:20]) + b"\n"
        refused("halved feed", "osv")
        m.paths["/osv/npm/modified_id.csv"] = b""
        refused("lists 0 advisories", "osv")
        m.paths["/osv/npm/modified_id.csv"] = b"<html>login</html>\n"
        refused("line that is none", "osv")
        m.paths["/osv/npm/modified_id.csv"] = listing
        osv_bucket(m, "npm", RECORDS[:30])
        m.paths["/osv/npm/modified_id.csv"] = listing
        refused("halved feed", "osv", "--whole")
        m.paths["/osv/npm/all.zip"] = whole[:len(whole) // 2]
        refused("kept", "osv", "--whole")
        m.paths["/osv/npm/all.zip"] = zipped([(r["id"] + ".json", json.dumps(dict(r, schema_version="2.0.0"))) for r in RECORDS])
        refused("schema version that is not known", "osv", "--whole")
        m.paths["/osv/npm/all.zip"] = zipped([(f"{i}.json", "{" if i < 9 else json.dumps(r)) for i, r in enumerate(RECORDS)])
        refused("cannot be read", "osv", "--whole")
        status = site.status()
        check(status["osv"]["outcome"] == "refused" and status["osv"]["records"] == 60, str(status["osv"]))
        # a person may overrule the guard of size, with a reason that the log keeps
        m.paths["/osv/npm/all.zip"] = zipped([(r["id"] + ".json", json.dumps(r)) for r in RECORDS[:30]])
        got, out = site.update("osv", "--whole", "--reason", "The source dropped withdrawn records, told by its news page")
        check(got["osv"]["outcome"] == "taken" and got["osv"]["gone"] == 30 and out["snapshot"], str(got))
        check(not site.json("verify")["findings"], "verify")


def story_feed_resume():
    """A cut goes on where it was; 503 is tried again; a wrong certificate, http and inner addresses are not asked."""
    with Folder() as folder, Mirror(folder) as m:
        site = Site(folder, m)
        osv_bucket(m, "npm", RECORDS)
        m.cuts["/osv/npm/all.zip"] = 2
        m.broken["/osv/npm/modified_id.csv"] = 2
        site.add("osv", "osv", "/osv", "--scope", "npm")
        got, _ = site.update()
        check(got["osv"]["live"] == 60, str(got))
        check(sum(p.endswith("all.zip") for p in m.asked) == 3, str(m.asked))

        def words_of(*args):
            return json.loads(run("-C", site.path, *args, "feed", "update", "-o", "json", code=7).stdout)["sources"][0]["words"]

        slow = ["--set", "feed_pause_ms=1", "--set", "feed_tries=2"]
        here = f"feed_private_hosts=localhost:{m.port}"
        words = words_of("--set", here, *slow)
        check("certificate of localhost does not verify" in words, words)
        words = words_of("--set", f"feed_ca_file={m.ca}", *slow)
        check("feed_private_hosts" in words, words)
        with Folder() as other, Mirror(other, "elsewhere.example") as wrong:
            site("feed", "add", "osv", "osv", f"https://localhost:{wrong.port}/osv", "--scope", "npm")
            words = words_of("--set", f"feed_private_hosts=localhost:{wrong.port}", "--set", f"feed_ca_file={wrong.ca}", *slow)
            check("certificate of localhost does not verify" in words, words)
        for address, expected in (("https://127.0.0.1/x", "this machine"), ("https://169.254.169.254/x", "link-local"),
                                  ("https://[::1]/x", "IPv6"), ("https://10.1.2.3/x", "private network")):
            site("feed", "add", "osv", "kev", address)
            words = words_of(*slow)
            check(expected in words and "refused" in words, f"{address}: {words}")
        site("feed", "add", "bad", "kev", "http://example.org/kev.json", code=3)
        site("feed", "add", "bad", "kev", "file:///etc/passwd", code=3)
        site("feed", "add", "Bad Name", "kev", m.url("/k"), code=3)
        site("feed", "add", "bad", "nosuch", m.url("/k"), code=3)


def story_feed_bundle():
    """A site without a network: a signed file, whole and then the difference; any bit and any cut is refused."""
    with Folder() as folder, Mirror(folder) as m:
        there, here = Site(folder, m, "there"), Site(folder, m, "here")
        osv_bucket(m, "npm", RECORDS)
        there.add("osv", "osv", "/osv", "--scope", "npm")
        _, out = there.update()
        whole, part = os.path.join(folder, "whole.bundle"), os.path.join(folder, "part.bundle")
        there("feed", "export", whole)
        key = there("feed", "key").stdout.strip()
        check(key in run("feed", "verify", whole, "--key", key).stdout, "verify")
        run("feed", "verify", whole, "--key", "0" * 64, code=8)
        here("feed", "import", whole, code=4)                                  # nobody said that this key is believed
        here("feed", "trust", key, "--name", "Head office")
        got = here.json("feed", "import", whole)
        check(got["snapshot"] == out["snapshot"], "the same intakes gave another snapshot")
        check(here.status()["osv"]["records"] == 60, str(here.status()))
        here("feed", "import", whole, code=6)                                  # an old bundle
        osv_bucket(m, "npm", RECORDS[:-1] + [osv(RECORDS[-1]["id"], "left59", "1.4.0", today())])
        _, out = there.update()
        osv_bucket(m, "npm", RECORDS[:-1] + [osv(RECORDS[-1]["id"], "left59", "1.5.0", today())])
        time.sleep(1.1)                                                        # the source's own times have a second
        osv_bucket(m, "npm", RECORDS[:-1] + [osv(RECORDS[-1]["id"], "left59", "1.6.0", today())])
        _, out = there.update()
        there("feed", "export", part, "--since", "2")
        here("feed", "import", part, code=6)                                   # a gap
        there("feed", "export", part, "--since", "1")
        check(os.path.getsize(part) < os.path.getsize(whole), "a difference is no smaller than the whole")
        got = here.json("feed", "import", part)
        check(got["snapshot"] == out["snapshot"], "the difference gave another snapshot")
        check("byte for byte" in here("feed", "rebuild").stdout, "rebuild")
        good = open(part, "rb").read()
        bad = os.path.join(folder, "bad.bundle")
        places = sorted({0, 18, 19, 20, 22, 25, 60, 110, 115, 200, len(good) // 2, len(good) - 33, len(good) - 1} |
                        set(range(0, len(good), max(1, len(good) // 8))))
        for at in places:
            for broken in (good[:at] + bytes([good[at] ^ (1 << at % 8)]) + good[at + 1:], good[:at]):
                with open(bad, "wb") as f:
                    f.write(broken)
                out = run("feed", "verify", bad, code=8 if broken.startswith(b"proofline-bundle/1\n") else 3)
                check("signed" not in out.stdout, f"a bundle broken at {at} was read")
        with open(bad, "wb") as f:
            f.write(good + b"x")
        run("feed", "verify", bad, code=8)
        here("feed", "import", bad, code=8)
        here("feed", "trust", key, "--no")
        here("feed", "import", part, "--reason", "again", code=4)
        check(not here.json("verify")["findings"], "verify")
        pack = os.path.join(here.path, "archive", sorted(os.listdir(os.path.join(here.path, "archive")))[0])
        os.chmod(pack, 0o600)
        with open(pack, "r+b") as f:
            f.seek(40)
            f.write(b"\xff\xff\xff\xff")
        found = here.json("verify", code=8)["findings"]
        check(any(f["kind"] == "archive" for f in found), str(found))


def story_feed_server():
    """The server asks by itself; the page tells what each source gave and what was refused."""
    with Folder() as folder, Mirror(folder) as m:
        site = Site(folder, m)
        osv_bucket(m, "npm", RECORDS)
        site.add("osv", "osv", "/osv", "--scope", "npm")
        with open(os.path.join(site.path, "proofline.toml"), "a") as f:
            f.write("\n".join(s.replace("=", " = ", 1) for s in m.settings() if s != "--set") + "\nfeed_every_min = 1\n")
        with Server("-C", site.path, "serve", "--listen", "127.0.0.1:0"):
            for _ in range(600):
                if site.status()["osv"]["records"] == 60:
                    break
                time.sleep(0.1)
            check(site.status()["osv"]["records"] == 60, "the server did not ask by itself")
            site("feed", "update")                                             # by hand through the running server's writer
        check(not site.json("verify")["findings"], "verify")
