"""The page of an SBOM counts everything that is said of it; a scan's summary adds up, and several gates hold at once."""
import json
import os
import re

from story import Folder, Server, Visitor, check, run, run_json
from triage_story import SAMPLE, sample

ADVISORIES, VERSIONS = 90, 60           # more verdicts than a page could show


def advisory(number, name, fixed):
    return {"schema_version": "1.6.0", "id": f"GHSA-aaaa-{number:04d}-aaaa", "modified": "2026-11-01T00:00:00Z", "summary": "x",
            "affected": [{"package": {"ecosystem": "npm", "name": name},
                          "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]}


def part(name, version):
    return {"type": "library", "bom-ref": f"{name}-{version}", "name": name, "version": version, "purl": f"pkg:npm/{name}@{version}"}


def write(folder, name, value):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        json.dump(value, f)
    return path


def site(folder):
    """An SBOM of which 5,400 verdicts speak; the one of `last`, which cannot be compared, is the last of them."""
    feeds = os.path.join(folder, "feeds")
    os.mkdir(feeds)
    for i in range(ADVISORIES):
        write(feeds, f"{i}.json", advisory(i, "noisy", "9.0.0"))
    write(feeds, "last.json", advisory(9000, "last", "2.0.0"))
    write(feeds, "kernel.json", advisory(9001, "safe", "0.5.0"))
    snapshot = os.path.join(folder, "s.snap")
    run("feed", "build", "--out", snapshot, feeds)
    parts = [part("noisy", f"1.{i}.0") for i in range(VERSIONS)] + [part("last", "strange"), part("safe", "1.0.0"), part("clean", "1.0.0")]
    return snapshot, write(folder, "bom.json", {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": parts})


def story_an_sbom_of_which_much_is_said_is_counted_whole():
    with Folder() as folder:
        store = os.path.join(folder, "s")
        os.mkdir(store)
        sample(store)
        snapshot, bom = site(folder)
        run("-C", store, "--as", "ines", "feed", "activate", snapshot, "--reason", "the advisories of this story alone")
        sbom = run_json("-C", store, "--as", "ines", "import", "sbom", bom, "--device", "sorrel-p1", "--version", "REL-210")["sbom"]
        with Server("-C", store, "serve", "--listen", "127.0.0.1:0") as server:
            ines = Visitor(server).sign_in("ines")
            page = ines.open(f"/sbom/{sbom}")
            tiles = dict(re.findall(r"<dt>([^<]+)</dt><dd>(?:<a [^>]*>)?([\d,]+)", page))
            want = {"Affected": VERSIONS, "Affected if": 0, "Uncertain": 1, "Not assessable": 0, "Not affected": 1, "Not listed": 1}
            check(tiles == {k: str(v) for k, v in want.items()}, f"tiles: {tiles}")
            check(f"and {ADVISORIES - 10} more of them" in page, "what is not shown of a component is not counted")
            check("Tier A, rule range." in page, "no tier and rule")
            for show, name in (("uncertain", "last"), ("not-affected", "safe"), ("not-listed", "clean")):
                page = ines.open(f"/sbom/{sbom}?show={show}")
                rows = re.findall(r'<tr id="c\d+"><th scope="row">([^<]+)<', page)
                check(rows == [name], f"{show} shows {rows}")
            page = ines.open(f"/sbom/{sbom}?show=affected&q=noisy")
            check(page.count('<tr id="c') == VERSIONS, "affected ones are missing")
            page = ines.open("/d/sorrel-p1/sbom")
            check(re.search(rf'/sbom/{sbom}".*?<b class="c-crit">{VERSIONS}</b>', page, re.S), "the list of SBOMs counts something else")


def story_several_gates_and_a_summary_that_adds_up():
    with Folder() as folder:
        snapshot, bom = site(folder)
        scan = ["scan", bom, "--snapshot", snapshot]
        said = run(*scan).stderr
        check("63 components: 60 affected by 90 vulnerabilities, 1 uncertain, 0 could not be assessed, 1 not affected, 1 not listed" in said, said)
        check("Advisories up to 2026-11-01," in said, "the day of the advisories is no day")
        said = run(*scan, "--fail-on", "kev,not-assessable").stderr
        check("FAILED" not in said, said)
        for gates in (["--fail-on", "kev,any"], ["--fail-on", "kev", "--fail-on", "any"], ["--fail-on", "any", "--fail-on", "none"]):
            said = run(*scan, *gates, code=1).stderr
            check("FAILED --fail-on any: 5401 matches. First: " in said and " in noisy 1.0.0" in said, said)
        run(*scan, "--fail-on", "any,bogus", code=2)
        run(*scan, "--fail-on", "any,uncontrolled", code=2)
        said = run("scan", folder, "--snapshot", snapshot, code=3).stderr
        check("Is a directory" in said, said)
        row = run(*scan).stdout.split("\n")[0].split("\t")
        check(row[2:4] == ["affected", "A"] and len(row) == 9, f"a row of the table: {row}")
