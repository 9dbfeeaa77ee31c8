"""Every kind of source over TLS in its own layout: the whole first, then only what its own change list names, then broken."""
import json
import os
import time

from feed_story import RECORDS, Site
from mirror import Mirror, csaf, csaf_folder, cve_list, cve_record, epss, kev, nvd_api, nvd_files, nvd_record, osv, osv_bucket, today, zipped
from story import Folder, check

YEAR = time.strftime("%Y", time.gmtime())


def asked(m, part):
    return [p for p in m.asked if part in p]


def refused(site, words, source, *args):
    """The words say what; nothing is taken, the old snapshot stays in use, the exit code says so."""
    before = site.json("feed", "status")["sources"]
    got, out = site.update(source, *args, code=7)
    s = got[source]
    check(s["outcome"] in ("refused", "failed") and words in s["words"], f"{words}: {s}")
    check(not out["snapshot"], "a doubtful feed was taken into use")
    after = {x["name"]: x["records"] for x in site.json("feed", "status")["sources"]}
    check(after == {x["name"]: x["records"] for x in before}, "what was kept is not what there was")


def story_csaf_of_a_provider_by_folder_feed_and_metadata():
    with Folder() as folder, Mirror(folder) as m:
        site = Site(folder, m)
        documents = [csaf(f"ACME-SA-00{i:02}", f"Pump {i}", "2.0", today(30 - i), f"pkg:npm/pump{i}") for i in range(10)]
        csaf_folder(m, documents)
        places = {"plain": "/csaf", "folder": "/csaf/folder/provider-metadata.json", "rolie": "/csaf/rolie/provider-metadata.json"}
        for name, path in places.items():
            site.add(name, "csaf", path)
        got, _ = site.update()
        check({n: (s["outcome"], s["live"]) for n, s in got.items()} == {n: ("taken", 10) for n in places}, str(got))
        check(not asked(m, "secret"), "a feed that is not for everybody was asked")
        m.asked.clear()
        got, _ = site.update()
        check({s["outcome"] for s in got.values()} == {"unchanged"} and not asked(m, "/acme-sa"), f"{m.asked}")
        documents[3] = csaf("ACME-SA-0003", "Pump 3", "3.0", today())
        csaf_folder(m, documents)
        m.asked.clear()
        got, _ = site.update()
        check({n: (s["outcome"], s["changed"]) for n, s in got.items()} == {n: ("taken", 1) for n in places}, str(got))
        check(len(asked(m, "acme-sa-0003.json")) == 6 and len(asked(m, "/acme-sa")) == 6, f"{m.asked}")     # thrice a document and its hash
        documents[4] = csaf("ACME-SA-0004", "Pump 4", "4.0", today(-1 / 24))
        csaf_folder(m, documents)
        good = dict(m.paths)
        body = f"/csaf/{today(-1 / 24)[:4]}/acme-sa-0004.json"
        m.paths[body] = b"{}"
        refused(site, "not what its .sha256 says", "plain")
        m.paths = dict(good)
        del m.paths[body + ".sha256"]
        refused(site, "named by the feed and not there", "rolie")
        m.paths = dict(good)
        csaf_folder(m, documents[:5])
        refused(site, "halved feed", "plain")
        refused(site, "halved feed", "rolie")
        m.paths["/csaf/changes.csv"] = b""
        refused(site, "lists 0 advisories", "folder")
        m.paths["/csaf/changes.csv"] = b'"../../etc/passwd.json","2026-01-01T00:00:00Z"\n'
        refused(site, "no path and time", "plain")
        m.paths["/csaf/changes.csv"] = b"<html>sign in</html>\n"
        refused(site, "no path and time", "plain")
        m.paths["/csaf/rolie/provider-metadata.json"] = json.dumps({"distributions": [{"directory_url": "https://elsewhere.example/"}]}).encode()
        refused(site, "another host", "rolie")
        m.paths["/csaf/rolie/provider-metadata.json"] = b"[" * 5000
        refused(site, "cannot be used", "rolie")
        check(not site.json("verify")["findings"], "verify")


def story_nvd_by_pages_with_a_key_and_when_it_says_to_wait():
    with Folder() as folder, Mirror(folder) as m:
        site = Site(folder, m)
        records = [nvd_record(f"CVE-2026-20{i:02}", f"pump{i}", "2.0", today(9)) for i in range(7)]
        nvd_api(m, records)
        page, keys = m.paths["/nvd"], []

        def with_key(h):
            keys.append(h.headers.get("apiKey"))
            return page(h)
        m.paths["/nvd"] = with_key
        site.add("nvd", "nvd", "/nvd")
        m.broken["/nvd"] = 2
        got, _ = site.update("nvd", "--set", "feed_nvd_key=11111111-2222")
        check(got["nvd"]["live"] == 7 and set(keys) == {"11111111-2222"}, f"{got} {keys}")
        check(len(asked(m, "startIndex")) == 6, f"four pages, two of them busy first: {m.asked}")
        records[6] = nvd_record("CVE-2026-2006", "pump6", "2.5", today())
        m.asked.clear()
        got, _ = site.update()
        check(got["nvd"]["changed"] == 1 and len(asked(m, "lastModStartDate")) == len(m.asked) == 1, f"{got} {m.asked}")

        def wrong(body, status=200, headers=()):
            m.paths["/nvd"] = lambda h: m.send(h, status, body, headers)
        wrong(b"<html>Request forbidden by administrative rules.</html>")
        refused(site, "did not answer with a page of NVD 2.0", "nvd")
        wrong(b"", 403)
        refused(site, "403", "nvd")
        wrong(b"slow down", 429, [("Retry-After", "0")])
        m.asked.clear()
        refused(site, "429", "nvd")
        check(len(m.asked) == 3, f"429 is asked again: {m.asked}")
        wrong(json.dumps({"resultsPerPage": 2, "startIndex": 2, "totalResults": 9, "vulnerabilities": []}).encode())
        refused(site, "another page than was asked", "nvd")
        wrong(json.dumps({"resultsPerPage": 0, "startIndex": 0, "totalResults": 9, "vulnerabilities": []}).encode())
        refused(site, "another page than was asked", "nvd")
        nvd_api(m, records[:3])
        refused(site, "halved feed", "nvd", "--whole")


def story_nvd_by_yearly_files():
    with Folder() as folder, Mirror(folder) as m:
        site = Site(folder, m)
        old = [nvd_record(f"CVE-2026-30{i:02}", f"valve{i}", "2.0", today(9)) for i in range(30)]
        changed = nvd_record("CVE-2026-3001", "valve1", "2.2", today())
        nvd_files(m, {str(int(YEAR) - 1): old[:10], YEAR: old[10:], "modified": [old[1]]})
        site.add("nvd-files", "nvd-feeds", "/nvd-feeds", "--scope", str(int(YEAR) - 1))
        got, _ = site.update()
        check(got["nvd-files"]["live"] == 30, str(got))
        m.asked.clear()
        got, _ = site.update()
        check(len(asked(m, ".json.gz")) <= 1, f"{m.asked}")
        nvd_files(m, {"modified": [changed]})
        m.asked.clear()
        got, _ = site.update()
        check(got["nvd-files"]["changed"] == 1 and asked(m, ".json.gz") == ["/nvd-feeds/nvdcve-2.0-modified.json.gz"], f"{got} {m.asked}")
        nvd_files(m, {"modified": [old[2]]})
        m.paths["/nvd-feeds/nvdcve-2.0-modified.meta"] = b"sha256:" + b"0" * 64 + b"\r\n"
        refused(site, "checksum", "nvd-files")
        m.paths["/nvd-feeds/nvdcve-2.0-modified.meta"] = b"lastModifiedDate:x\r\n"
        refused(site, "tells no SHA-256", "nvd-files")
        nvd_files(m, {str(int(YEAR) - 1): old[:10], YEAR: old[10:12]})
        refused(site, "halved feed", "nvd-files", "--whole")


def story_cve_list_by_its_log_of_changes():
    with Folder() as folder, Mirror(folder) as m:
        site = Site(folder, m)
        cves = [cve_record(f"CVE-2026-40{i:02}", "acme", f"valve{i}", "3.1", today(4)) for i in range(30)]
        first = [(today(4), ["CVE-2026-4001"]), (today(6), [])]
        cve_list(m, cves, first)
        site.add("cve", "cve", "/cvelist", "--scope", m.url("/cvelist.zip"))
        got, _ = site.update()
        check(got["cve"]["live"] == 30 and asked(m, ".zip"), str(got))
        cves[7] = cve_record("CVE-2026-4007", "acme", "valve7", "3.9", today())
        cve_list(m, cves, [(today(), ["CVE-2026-4007"]), *first])
        m.asked.clear()
        got, _ = site.update()
        check(got["cve"]["changed"] == 1 and asked(m, "CVE-") == ["/cvelist/cves/2026/4xxx/CVE-2026-4007.json"] and not asked(m, ".zip"), f"{m.asked}")
        cve_list(m, cves, [(today(-1 / 24), [])])                       # a log that does not reach back: the whole again
        m.asked.clear()
        site.update()
        check(asked(m, ".zip"), "a gap in the log was taken for no change")
        m.paths["/cvelist/cves/deltaLog.json"] = b"[]"
        refused(site, "names no change at all", "cve")
        cve_list(m, cves[:9], [(today(-2 / 24), [])])
        refused(site, "halved feed", "cve", "--whole")


def story_github_and_distributions_and_debian():
    with Folder() as folder, Mirror(folder) as m:
        site = Site(folder, m)
        m.paths["/advisory-database/zip/refs/heads/main"] = zipped([(f"advisory-database-main/advisories/github-reviewed/2026/{r['id']}.json", json.dumps(r)) for r in RECORDS])
        site.add("github", "github", "/advisory-database/zip/refs/heads/main")
        names = {"Alpine:v3.19": "alpine", "Ubuntu:22.04:LTS": "ubuntu", "AlmaLinux:9": "alma", "Red Hat": "rh", "SUSE": "suse"}
        for eco, word in names.items():
            osv_bucket(m, eco, [osv(f"{word.upper()}-2026-{i}", f"p{i}", "2", today(5), eco) for i in range(20)])
            for path in [p for p in m.paths if p.startswith(f"/osv/{eco}/")]:
                m.paths[path.replace(" ", "%20").replace(":", "%3A")] = m.paths[path]
        site.add("distros", "osv", "/osv", "--scope", ",".join(names))
        tracker = {f"pkg{i}": {"CVE-2026-5001": {"description": "x", "scope": "local", "releases": {
            "bookworm": {"status": "open", "repositories": {"bookworm": "1.0-1"}, "urgency": "not yet assigned"}}}} for i in range(40)}
        m.paths["/tracker/data/json"] = json.dumps(tracker).encode()
        site.add("debian", "debian", "/tracker/data/json")
        for repository in ("main", "community"):
            m.paths[f"/secdb/v3.19/{repository}.json"] = json.dumps({"distroversion": "v3.19", "reponame": repository, "packages": [
                {"pkg": {"name": f"{repository}{i}", "secfixes": {"1.2-r0": ["CVE-2026-6001 (+ regression)"], "0": ["CVE-2026-6002"]}}} for i in range(20)]}).encode()
        site.add("alpine", "alpine", "/secdb", "--scope", "v3.19/main,v3.19/community")
        got, _ = site.update()
        check(got["github"]["live"] == 60 and got["distros"]["live"] == 100 and got["debian"]["live"] > 0, str(got))
        check(got["alpine"]["live"] == 40, str(got))
        m.asked.clear()
        got, _ = site.update()
        check({s["outcome"] for s in got.values()} == {"unchanged"} and not asked(m, "all.zip"), f"{got}")
        m.paths["/tracker/data/json"] = json.dumps(dict(list(tracker.items())[:15])).encode()
        refused(site, "halved feed", "debian")
        m.paths["/advisory-database/zip/refs/heads/main"] = b"PK\x03\x04 not a zip"
        refused(site, "kept", "github")
        m.paths["/osv/Red%20Hat/modified_id.csv"] = b""
        refused(site, "lists 0 advisories", "distros")


def story_a_source_that_misbehaves_at_the_door():
    """Length of 10 GB, a page instead of data, a redirect to another host, cut for good: nothing is taken."""
    with Folder() as folder, Mirror(folder) as m:
        site = Site(folder, m)
        m.paths["/kev.json"] = kev([f"CVE-2026-{i:04}" for i in range(40)])
        site.add("kev", "kev", "/kev.json")
        site.update()
        good = m.paths["/kev.json"]

        def huge(h):
            h.send_response(200)
            h.send_header("Content-Length", str(10 << 30))
            h.end_headers()
        m.paths["/kev.json"] = huge
        refused(site, "larger than", "kev")
        m.paths["/kev.json"] = lambda h: m.send(h, 302, b"", [("Location", "https://elsewhere.example/kev.json")])
        refused(site, "redirects are not followed", "kev")
        m.paths["/kev.json"] = lambda h: m.send(h, 200, b"<!doctype html><title>Sign in</title>", [("Content-Type", "text/html")])
        refused(site, "web page", "kev")
        m.paths["/kev.json"] = good + b" "
        m.cuts["/kev.json"] = 99
        refused(site, "could not be fetched", "kev")
        m.cuts.clear()
        m.paths["/kev.json"] = b""
        refused(site, "empty", "kev")
        m.paths["/kev.json"] = zipped([("kev.json", b"0" * (15 << 20))])
        refused(site, "kept", "kev")
        m.paths["/kev.json"] = good
        got, _ = site.update()
        check(got["kev"]["outcome"] == "unchanged", str(got))


def story_scores_of_days_past():
    """EPSS and KEV are kept by day, only where they change; what was said on a day can be asked, and made again."""
    with Folder() as folder, Mirror(folder) as m:
        site = Site(folder, m)
        nvd_api(m, [nvd_record(f"CVE-2026-600{i}", f"pump{i}", "2.0", today(9)) for i in range(1, 4)])
        site.add("nvd", "nvd", "/nvd")
        site.add("epss", "epss", "/epss.csv.gz")
        site.add("kev", "kev", "/kev.json")
        others = [f"CVE-2025-{i:04}" for i in range(40)]
        days = [(5, "0.01000", ["CVE-2026-6001"]), (4, "0.01000", ["CVE-2026-6001"]), (3, "0.25000", []), (1, "0.90000", ["CVE-2026-6001"])]
        for day, score, listed in days:
            fixed = [(c, "0.00100") for c in others]
            m.paths["/epss.csv.gz"] = epss(fixed + [("CVE-2026-6001", score)] + ([("CVE-2026-6002", "0.5")] if day != 1 else []), today(day))
            m.paths["/kev.json"] = kev(others + listed, today(day))
            site.update()
        cve = site.json("cve", "CVE-2026-6001")
        check([(h["day"], h["epss"]) for h in cve["epss_history"]] == [(today(5)[:10], 0.01), (today(3)[:10], 0.25), (today(1)[:10], 0.9)], f"{cve}")
        for day, score in ((4, 0.01), (3, 0.25), (2, 0.25)):
            then = site.json("cve", "CVE-2026-6001", "--asof", today(day)[:10])["epss_asof"]
            check(then == {"day": today(day)[:10], "epss": score}, f"{then}")
        check(site.json("cve", "CVE-2026-6001", "--asof", today(9)[:10])["epss_asof"]["epss"] is None, "a score before there was one")
        check("EPSS on" in site("cve", "CVE-2026-6001").stdout, "no words")
        gone = site.json("cve", "CVE-2026-6002")["epss_history"]
        check([h["epss"] for h in gone] == [0.5, None], f"{gone}")
        check(cve["kev_history"] == {"added": "2026-01-02", "first_seen": today(5)[:10]}, f"{cve['kev_history']}")
        path = os.path.join(site.path, "feeds", "scores.history")
        made = open(path, "rb").read()
        os.unlink(path)
        site("feed", "rebuild")
        check(open(path, "rb").read() == made, "the history made again is another one")
        open(path, "wb").write(made[:100])
        check(site.json("cve", "CVE-2026-6001")["epss_history"] == [], "a broken history answers")
        site("feed", "rebuild")
        check(site.json("cve", "CVE-2026-6001") == cve, "not the same again")
        then = site.json("scan", bom(folder), "--asof", today()[:10])
        check(then["snapshot"]["built_from"]["EPSS"]["records"] == 41, f"{then['snapshot']}")


def bom(folder):
    path = os.path.join(folder, "bom.json")
    with open(path, "w") as f:
        json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
            {"type": "library", "name": "pump1", "version": "1.0", "bom-ref": "a", "cpe": "cpe:2.3:a:acme:pump1:1.0:*:*:*:*:*:*:*"}]}, f)
    return path
