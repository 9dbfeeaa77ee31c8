"""Advisories, snapshots and SBOMs that are broken or hostile: refused, or counted with the reason; never an empty list."""
import glob
import io
import json
import os
import re
import struct
import zipfile

from fresh_story import site
from story import Folder, Server, Visitor, check, run, run_json

BOM = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
    {"type": "library", "name": "p7", "version": "1.0.0", "bom-ref": "a", "purl": "pkg:npm/p7@1.0.0"}]}


def advisory(i, **more):
    return {"id": f"GHSA-{i}", "modified": "2024-01-01T00:00:00Z", "affected": [
        {"package": {"ecosystem": "npm", "name": f"p{i}"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}]}],
        **more}


def put(folder, name, content):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(content if isinstance(content, bytes) else (content if isinstance(content, str) else json.dumps(content)).encode())
    return path


def flip(path, bit):
    with open(path, "r+b") as f:
        f.seek(bit // 8)
        byte = f.read(1)[0]
        f.seek(bit // 8)
        f.write(bytes([byte ^ 1 << bit % 8]))


def story_any_bit_of_a_snapshot_is_missed():
    with Folder() as folder:
        feed, bom = put(folder, "feed.json", [advisory(i) for i in range(9000)]), put(folder, "bom.json", BOM)
        snap = os.path.join(folder, "x.snap")
        run("feed", "build", "--out", snap, feed)
        size, before = os.path.getsize(snap), os.stat(snap)
        check(size > 1 << 20 and os.path.exists(snap + ".checked"), "a large snapshot has a note that it was checked")
        good = run_json("scan", bom, "--snapshot", snap)
        check(good["counts"]["affected"] == 1, f"{good['counts']}")
        for bit in (0, 40, 8 * 200 + 3, size * 4, size * 5 + 1, size * 8 - 1):
            flip(snap, bit)
            os.utime(snap, ns=(before.st_atime_ns, before.st_mtime_ns))      # who hides that he wrote does not hide it
            said = run("scan", bom, "--snapshot", snap, code=8).stderr
            check("build it again" in said, f"bit {bit}: {said}")
            flip(snap, bit)
        check(run_json("scan", bom, "--snapshot", snap) == good, "the same bytes again")
        os.chmod(snap + ".checked", 0o666)
        check(run_json("scan", bom, "--snapshot", snap) == good, "a note that others may write is none, and no harm")
        for cut in (0, 10, size // 2, size - 1):
            os.truncate(snap, cut)
            run("scan", bom, "--snapshot", snap, code=8)
        run("scan", bom, "--snapshot", os.path.join(folder, "none.snap"), code=5)


def story_a_snapshot_that_cannot_be_used_is_made_anew_from_the_archive():
    """Damaged, gone, or made by another version of the program: the next update puts it right, also when no source has news."""
    with Folder() as folder:
        store, feed, bom = site(folder), os.path.join(folder, "feed"), put(folder, "bom.json", BOM)
        os.mkdir(feed)
        put(feed, "feed.json", [advisory(i) for i in range(30)])
        run("-C", store, "--as", "ada", "feed", "add", "lab", "files", feed)
        run("-C", store, "feed", "update")
        good = run_json("-C", store, "scan", bom)
        snap = glob.glob(os.path.join(store, "feeds", "*.snap"))[0]
        for harm, why in ((lambda: flip(snap, 8 * 4), "another version of Proofline made it"), (lambda: flip(snap, os.path.getsize(snap) * 4), "SHA-256"),
                          (lambda: os.remove(snap), "")):
            os.chmod(snap, 0o640)
            harm()
            said = run("-C", store, "scan", bom, code=8 if why else 5).stderr
            check(why in said and "feed update" in said or not why, said)
            said = run("-C", store, "doctor", code=1).stdout
            check(re.search(r"^LOOK +advisories .*(cannot be used|There is no snapshot)", said, re.M), f"doctor sees nothing: {said}")
            with Server("-C", store, "serve", "--listen", "127.0.0.1:0") as server:
                ada = Visitor(server).sign_in("ada", "correct horse battery 9")
                check("cannot be used: nothing is judged" in ada.open("/feeds"), "the page of feeds sees nothing")
                for page in ("/findings", "/cve/CVE-2024-0001", "/feeds/names"):
                    ada.open(page)
                    check(ada.status == 200 and "proofline feed update" in ada.page and "is touched by it" not in ada.page, f"{page}: {ada.status}")
            said = run("-C", store, "feed", "update").stdout
            check("lab: unchanged" in said and "is in use" in said, said)
            check(run_json("-C", store, "scan", bom) == good, "other verdicts by the snapshot that was made anew")
        check("stays" in run("-C", store, "feed", "update").stdout, "a snapshot that is whole is made anew")


def story_what_is_broken_in_a_feed_is_counted_with_its_reason():
    with Folder() as folder:
        snap = os.path.join(folder, "x.snap")
        feed = os.path.join(folder, "feed")
        os.mkdir(feed)
        put(feed, "good.json", advisory(7))
        put(feed, "cut.json", json.dumps(advisory(8))[:-9])
        put(feed, "twice.json", '{"id":"A","id":"B","modified":"2024-01-01T00:00:00Z"}')
        put(feed, "deep.json", "[" * 1000000)
        put(feed, "nan.json", '{"id":"A","modified":"2024-01-01T00:00:00Z","x":NaN}')
        put(feed, "large.json", '{"id":"A","modified":"2024-01-01T00:00:00Z","x":9223372036854775809123}')
        put(feed, "surrogate.json", '{"id":"\\ud800","modified":"2024-01-01T00:00:00Z"}')
        put(feed, "nul.json", b'{"id":"A\0"}')
        put(feed, "other.json", {"hello": "world"})
        put(feed, "page.html", "<html></html>")
        built = run_json("feed", "build", "--out", snap, feed)
        why = {s["why"]: s["count"] for s in built["skipped"]}
        check(built["records"] == {"OSV": 1} and why.get("broken JSON", 0) == 7, f"{built}")
        check(why.get("JSON that is no advisory") == 1 and why.get("neither JSON nor exploit scores") == 1, f"{why}")


def bomb(entries, claim=None):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in entries:
            z.writestr(name, content)
    packed = bytearray(data.getvalue())
    if claim:                                                       # every entry of the directory leads to the first body
        at, first = packed.rfind(b"PK\5\6"), None
        for _ in range(struct.unpack_from("<H", packed, at + 10)[0]):
            first = packed.find(b"PK\1\2", 0 if first is None else first + 4)
            struct.pack_into("<I", packed, first + 42, 0)
            struct.pack_into("<I", packed, first + 20, claim)
    return bytes(packed)


def story_packed_bombs_do_not_unfold():
    with Folder() as folder:
        snap, good = os.path.join(folder, "x.snap"), json.dumps(advisory(7))
        packed = put(folder, "a.zip", bomb([("good.json", good), ("zeros.json", b"0" * (15 << 20)), ("after.json", json.dumps(advisory(9)))]))
        built = run_json("feed", "build", "--out", snap, packed)
        check(built["records"] == {"OSV": 2} and any("200 times" in s["why"] for s in built["skipped"]), f"{built}")
        packed = put(folder, "b.zip", bomb([(f"{i}.json", os.urandom(4000).hex()) for i in range(9)], claim=9000))
        said = run("feed", "build", "--out", snap, packed, code=3).stderr
        check("overlap" in said, said)
        inner = bomb([("x.json", good)])
        built = run_json("feed", "build", "--out", snap, put(folder, "c.zip", bomb([("x.zip", inner), ("good.json", good)])))
        check(any("inside of a packed file" in s["why"] for s in built["skipped"]), f"{built}")
        run("feed", "build", "--out", snap, put(folder, "d.zip", bomb([("x.json", good)])[:-30]), code=3)


def story_hostile_sboms_are_refused_with_their_place():
    laughs = ('<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
              + ']><bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"><components><component type="library"><name>&j;</name></component></components></bom>')
    head = '{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,'
    cases = {"deep": head + '"x":' + "[" * 1000000, "twice": head + '"components":[],"components":[]}', "nan": head + '"x":NaN}',
             "2^64": head + '"x":18446744073709551616}', "surrogate": head + '"x":"\\ud800"}', "laughs": laughs,
             "cut": json.dumps(BOM)[:-20], "pdf": "%PDF-1.7", "empty": ""}
    with Folder() as folder:
        for name, content in cases.items():
            path = put(folder, name, content)
            report = json.loads(run("import", "sbom", path, "--check", "-o", "json", code=3).stdout)
            check(any(p["level"] == "error" and p["what"] for p in report["problems"]), f"{name}: {report}")
