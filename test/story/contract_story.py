"""Calls that scripts rely on."""
import json
import os

from story import Folder, check, run, run_json

SBOM = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
    {"type": "library", "name": "lodash", "version": "4.17.20", "bom-ref": "a", "purl": "pkg:npm/lodash@4.17.20"},
    {"type": "library", "name": "mystery", "version": "1", "bom-ref": "b"}]}
OSV = {"id": "GHSA-35jh-r3h4-6jhm", "modified": "2024-01-01T00:00:00Z", "aliases": ["CVE-2021-23337"], "affected": [
    {"package": {"ecosystem": "npm", "name": "lodash"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "4.17.21"}]}]}],
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H"}]}


def story_calculators_answer_line_by_line():
    out = run("calc", "version", "deb", stdin="1.1.1n-0+deb11u5\t1.1.1n-0+deb11u4\n1\t1\nx y\t1\n").stdout.split("\n")
    check(out[:2] == [">", "="], f"versions: {out}")
    out = run("calc", "purl", stdin="pkg:NPM/%40scope/Name@1.0\nnonsense\n").stdout.strip().split("\n")
    check(json.loads(out[0])["type"] == "npm" and "error" in json.loads(out[1]), f"purl: {out}")
    out = json.loads(run("calc", "cvss", stdin="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\n").stdout)
    check(out["base"] == 9.8 and out["severity"] == "CRITICAL", f"cvss: {out}")
    out = run("calc", "query", stdin="type:threat   state:open\nstrid:x\n").stdout.strip().split("\n")
    check("error" in json.loads(out[1]), f"query: {out}")
    run("calc", "version", "nonsense", stdin="", code=2)


def story_scan_says_what_it_knows_and_what_not():
    with Folder() as folder:
        sbom, osv, snap = (os.path.join(folder, n) for n in ("bom.json", "osv.json", "x.snap"))
        json.dump(SBOM, open(sbom, "w"))
        json.dump(OSV, open(osv, "w"))
        built = run_json("feed", "build", "--out", snap, osv)
        check(built["schema"] == "proofline.feed-build/1" and sum(built["records"].values()) == 1, f"built {built}")
        again = os.path.join(folder, "again.snap")
        run("feed", "build", "--out", again, osv)
        check(open(snap, "rb").read() == open(again, "rb").read(), "the same input gives other bytes")
        report = run_json("scan", sbom, "--snapshot", snap)
        one, two = report["components"]
        check(report["schema"] == "proofline.scan/1" and one["outcomes"][0]["outcome"] == "affected", f"lodash: {one}")
        check(one["outcomes"][0]["id"] == "CVE-2021-23337" and one["outcomes"][0]["fixed"] == ["4.17.21"], f"lodash: {one}")
        check(two["outcomes"][0]["outcome"] == "not-assessable" and two["outcomes"][0]["reason"], f"mystery: {two}")
        run("scan", sbom, "--snapshot", snap, "--fail-on", "high", code=1)
        data = bytearray(open(snap, "rb").read())
        data[len(data) // 2] ^= 1
        open(snap, "wb").write(data)
        run("scan", sbom, "--snapshot", snap, code=8)
        open(osv, "w").write("[]")
        run("feed", "build", "--out", snap, osv, code=7)
        check_report = run_json("import", "sbom", sbom, "--check")
        check(check_report["schema"] == "proofline.sbom-check/1" and check_report["components"] == 2, f"check: {check_report}")
