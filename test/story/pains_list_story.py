"""The thirty recurring complaints of pains.data: each has its story, named after a thread; and those that come with size and age."""
import csv
import ctypes
import importlib
import json
import os
import platform
import re
import sqlite3
import struct
import subprocess

import story
from feed_story import Site, write
from fresh_story import site
from mirror import Mirror, osv, osv_bucket, today
from pains_kept_story import next_sbom
from story import Folder, Server, Visitor, check, run, run_json
from triage_story import KERNEL, finding_in, sample

HERE = os.path.dirname(os.path.abspath(__file__))
BUDGET_KIB = 256 << 10


def story_every_complaint_has_its_story():
    found = set()
    for file in sorted(f for f in os.listdir(HERE) if f.endswith("_story.py")):
        module = importlib.import_module(file[:-3])
        found.update(n[6:] for n in dir(module) if n.startswith("story_"))
    with open(os.path.join(HERE, "pains.data"), encoding="utf-8") as f:
        rows = [[c.strip() for c in line.split("|")] for line in f if line.strip() and line[0] != "#"]
    check([int(r[0]) for r in rows] == list(range(1, 31)), "the list is not the thirty")
    for number, pain, threads, name in rows:
        check(name in found, f"{number} ({pain}) has no story_{name}")
        check(any(t in name.split("_") for t in re.findall(r"\d+", threads)), f"{number}: {name} is named after none of its threads")


# ---- size -------------------------------------------------------------------------------------------------------------

def advisories(folder, n, changed=()):
    """n advisories, one for each of as many packages, as a snapshot; those of changed speak of other versions."""
    path, snap = os.path.join(folder, "advisories.json"), os.path.join(folder, f"{len(changed)}.snap")
    with open(path, "w", encoding="utf-8") as f:
        json.dump([osv(f"GHSA-{i:04}-0000-0000", f"part{i}", "3.0.0" if i in changed else "2.0.0", today(2)) for i in range(n)], f)
    run("feed", "build", "--out", snap, path)
    return snap


def parts(folder, n):
    path = os.path.join(folder, "parts.cdx.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
            {"type": "library", "bom-ref": f"r{i}", "name": f"part{i}", "version": "1.0.0", "purl": f"pkg:npm/part{i}@1.0.0"} for i in range(n)]}, f)
    return path


def products(folder, store, n):
    path = os.path.join(folder, "products.csv")
    with open(path, "w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([["Id", "Title", "Intended use"], *(["", f"Device {i:05}", "Pumps"] for i in range(n))])
    run("-C", store, "import", "table", path, "--type", "product", "--reason", "The portfolio of a test", "--yes")


def bytes_read(server):
    """By all processes of a server, from its files and sockets."""
    at = server.process.pid
    with open(f"/proc/{at}/task/{at}/children", encoding="ascii") as f:
        children = f.read().split()
    total = 0
    for child in children:
        with open(f"/proc/{child}/io", encoding="ascii") as f:
            total += int(re.search(r"rchar: (\d+)", f.read()).group(1))
    return total


def story_dependency_track_5681_a_large_portfolio_answers_in_pages():
    """2,000 products, 150 findings: no page has more than a hundred rows, and none reads the tables for them."""
    with Folder() as folder:
        store = site(folder)
        products(folder, store, 2000)
        run("-C", store, "--as", "ada", "import", "sbom", parts(folder, 150), "--device", "PRD-0001")
        run("-C", store, "feed", "activate", advisories(folder, 150))
        with Server("-C", store, "serve", "--listen", "127.0.0.1:0") as server:
            ada = Visitor(server).sign_in("ada", "correct horse battery 9")
            for path in ("/devices", "/list/product", "/list/finding", "/findings", "/work", "/search?q=Device", "/d/PRD-0001"):
                ada.open(path)                                # the first one fills the worker's cache
                before = bytes_read(server)
                ada.open(path)
                grown = bytes_read(server) - before
                check(ada.status == 200, f"{path}: {ada.status}")
                check(ada.page.count("<tr>") <= 101 and len(ada.page) < 250000, f"{path}: {ada.page.count('<tr>')} rows, {len(ada.page)} bytes")
                check(grown < 1 << 20, f"{path} reads {grown} bytes")
            seen, path = set(), "/devices"
            while path:
                found = re.findall(r'<th scope="row"><a href="/d/([^"]+)"', ada.open(path))
                check(found and not seen & set(found), f"{path} shows nothing new")
                seen.update(found)
                more = re.search(r'<a href="([^"]+)">Next page</a>', ada.page)
                path = more and more.group(1)
            check(len(seen) == 2000, f"{len(seen)} of 2000 devices can be reached")


def story_dependency_track_6129_only_what_changed_is_judged_again():
    with Folder() as folder:
        store = site(folder)
        products(folder, store, 1)
        run("-C", store, "--as", "ada", "import", "sbom", parts(folder, 600), "--device", "PRD-0001")
        said = run("-C", store, "feed", "activate", advisories(folder, 150)).stdout
        check("600 of 600 packages were judged again, 150 new findings" in said, said)
        check("0 of 600 packages were judged again, 0 new" in run("-C", store, "feed", "activate", os.path.join(folder, "0.snap")).stdout, "the same again")
        said = run("-C", store, "feed", "activate", advisories(folder, 150, changed=(7, 9))).stdout
        check("2 of 600 packages were judged again, 0 new findings" in said, said)


def peak_kib(*args):
    """The most memory that the program had at once."""
    with open(os.devnull, "w", encoding="ascii") as none:
        process = subprocess.Popen([story.PROGRAM, *map(str, args)], stdout=none, stderr=none)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    check(process.returncode == 0, f"{args[0]}: exit {process.returncode}")
    return used.ru_maxrss


def story_osv_scanner_2217_memory_stays_within_its_budget():
    """20,000 components against 20,000 advisories: built, judged and imported within 256 MB."""
    with open(story.PROGRAM, "rb") as f:
        if b"__asan_init" in f.read():
            return "under a sanitizer memory is another"
    with Folder() as folder:
        store, bom, snap = site(folder), parts(folder, 20000), advisories(folder, 20000)
        products(folder, store, 1)
        peaks = {"feed build": peak_kib("feed", "build", "--out", os.path.join(folder, "again.snap"), os.path.join(folder, "advisories.json")),
                 "scan": peak_kib("scan", bom, "--snapshot", snap, "--quiet"),
                 "import": peak_kib("-C", store, "--as", "ada", "import", "sbom", bom, "--device", "PRD-0001")}
        check(all(p < BUDGET_KIB for p in peaks.values()), f"KiB at the peak: {peaks}")


# ---- no network, little network ---------------------------------------------------------------------------------------

def no_network():
    """In a child before it becomes the program: a socket to anywhere ends it (seccomp; AF_INET and AF_INET6)."""
    socket_call = {"x86_64": 41, "aarch64": 198}[platform.machine()]
    code = [(0x20, 0, 0, 0), (0x15, 0, 3, socket_call), (0x20, 0, 0, 16), (0x15, 2, 0, 2), (0x15, 1, 0, 10),
            (0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x80000000)]
    rules = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *c) for c in code))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("rules", ctypes.c_void_p)]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(Program(len(code), ctypes.addressof(rules)))):
        os._exit(99)


def alone(*args, code=0):
    out = subprocess.run([story.PROGRAM, *map(str, args)], capture_output=True, text=True, timeout=120, preexec_fn=no_network)
    check(out.returncode == code, f"{args}: exit {out.returncode} instead of {code}: {out.stdout[-500:]}{out.stderr[-500:]}")
    return out.stdout


def story_dependency_track_717_nothing_needs_a_network():
    """Advisories come in by a signed bundle; from then on no socket to anywhere is even opened."""
    with Folder() as folder, Mirror(folder) as m:
        there = Site(folder, m, "there")
        osv_bucket(m, "npm", [osv(f"GHSA-000{i}-0000-0000", f"part{i}", "2.0.0", today(2)) for i in range(5)])
        there.add("osv", "osv", "/osv", "--scope", "npm")
        there.update()
        bundle, here, bom = os.path.join(folder, "bundle"), os.path.join(folder, "here"), parts(folder, 5)
        there("feed", "export", bundle)
        key = there("feed", "key").stdout.strip()
        alone("init", here, "--company", "Halden", "--admin", "ada@halden.example", "--name", "Ada")
        products(folder, here, 1)
        alone("-C", here, "--as", "ada", "import", "sbom", bom, "--device", "PRD-0001")
        alone("-C", here, "feed", "import", bundle, code=4)
        alone("-C", here, "--as", "ada", "feed", "trust", key, "--name", "The other site")
        check("5 of 5 packages were judged again, 5 new findings" in alone("-C", here, "feed", "import", bundle), "the bundle brought nothing")
        check(json.loads(alone("-C", here, "triage", "list", "-o", "json"))["open"] == 5, "they do not wait for a decision")
        for args in (("scan", "--device", "PRD-0001"), ("check", "--device", "PRD-0001"), ("vex", "export", "--device", "PRD-0001"), ("verify",)):
            alone("-C", here, *args, code=1 if args[0] == "check" else 0)
        m.paths.clear()
        there.add("other", "osv", "/osv", "--scope", "PyPI")
        out = subprocess.run([story.PROGRAM, "-C", there.path, *m.settings(), "feed", "update", "other"], capture_output=True, text=True,
                             timeout=120, preexec_fn=no_network)
        check(out.returncode != 0, "what asks the network was not held back: this story proves nothing")


def story_grype_1731_one_change_is_one_download():
    """1,000 advisories once; then the list of changes and the one record that changed, and nothing again when nothing did."""
    with Folder() as folder, Mirror(folder) as m:
        here, records = Site(folder, m), [osv(f"GHSA-{i:04}-0000-0000", f"part{i}", "2.0.0", today(3)) for i in range(1000)]
        osv_bucket(m, "npm", records)
        here.add("osv", "osv", "/osv", "--scope", "npm")
        check(here.update()[0]["osv"]["live"] == 1000, "the first one")
        records[7] = osv(records[7]["id"], "part7", "2.1.0", today())
        osv_bucket(m, "npm", records)
        m.asked.clear()
        got = here.update()[0]["osv"]
        check((got["outcome"], got["changed"], got["live"]) == ("taken", 1, 1000), f"{got}")
        check(m.asked == ["/osv/npm/modified_id.csv", f"/osv/npm/{records[7]['id']}.json"], f"asked: {m.asked}")
        m.asked.clear()
        got = here.update()[0]["osv"]
        check(got["outcome"] == "unchanged" and m.asked == ["/osv/npm/modified_id.csv"], f"{got}, asked: {m.asked}")


# ---- age --------------------------------------------------------------------------------------------------------------

# What the newest steps of the schema brought, taken away again: the store as an older program left it.
OLDER = """
ALTER TABLE vuln_run DROP COLUMN missed; ALTER TABLE vuln_run DROP COLUMN whole;
DROP TABLE vuln_said; ALTER TABLE vuln_run DROP COLUMN rules;
DELETE FROM store_version WHERE name IN ('vuln.4', 'vuln.5', 'vuln.6');
"""


def database(folder):
    return sqlite3.connect(os.path.join(folder, "proofline.db"))


def steps(folder):
    with database(folder) as db:
        return {r[0] for r in db.execute("SELECT name FROM store_version")}


def story_dependency_track_5400_an_older_store_goes_on():
    """A store that lacks the newest tables: whoever only reads says so, the first change brings it up to date with all that was
    decided; it leaves as files and comes back; a store of a newer program is refused with words and left alone."""
    with Folder() as folder:
        store, made, out = (os.path.join(folder, n) for n in ("s", "made", "out"))
        sample(store)
        kept = run_json("-C", store, "list", "all")
        with database(store) as db:
            db.executescript(OLDER)
        check("vuln.6" not in steps(store), "it is not older")
        said = run("-C", store, "list", "all", code=78).stderr
        check("older Proofline" in said and "Nothing was changed" in said, said)
        next_sbom(store, "REL-194")                      # a change: it goes on
        check("vuln.6" in steps(store), "it was not brought up to date")
        check(finding_in(store, KERNEL, "REL-194")["status"], "nothing is judged after it")
        now = {r["id"]: (r["revision"], r["hash"]) for r in run_json("-C", store, "list", "all")}
        lost = [r["id"] for r in kept if now.get(r["id"], (0, ""))[0] < r["revision"]]
        other = [r["id"] for r in kept if now[r["id"]][0] == r["revision"] and now[r["id"]][1] != r["hash"]]
        check(not lost and not other, f"lost: {lost}, changed: {other}")
        check(not run_json("-C", store, "verify")["findings"], "verify finds something")
        run("-C", store, "--as", "lena", "export", "--all", out)
        run("-C", made, "--as", "lena", "import", "--all", out)
        check({r["id"]: (r["revision"], r["hash"]) for r in run_json("-C", made, "list", "all")} == now, "what left did not come back")
        with database(store) as db:
            db.execute("INSERT INTO store_version SELECT MAX(seq) + 1, 'vuln.99', 0 FROM store_version")
        for args in (("list", "all"), ("set", "T-001", "title=By an older program", "--reason", "It must not write here")):
            said = run("-C", store, *args, code=78).stderr
            check("newer" in said, f"{args[0]}: {said}")
        with database(store) as db:
            db.execute("DELETE FROM store_version WHERE name = 'vuln.99'")
        check({r["id"]: (r["revision"], r["hash"]) for r in run_json("-C", store, "list", "all")} == now, "the refused program changed something")
