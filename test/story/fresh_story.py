"""How old advisories are is told by the newest of them: scores of today and a new day of use make no old advisory fresh."""
import datetime
import json
import os
import re

from mirror import epss, osv, today
from story import Folder, Server, Visitor, check, run, run_json

PURL = "pkg:npm/left0@1.0.0"


def snapshot(folder, name, days):
    """Advisories whose newest is so many days old, with scores of today."""
    path = os.path.join(folder, name)
    os.mkdir(path)
    for i in range(3):
        with open(os.path.join(path, f"{i}.json"), "w") as f:
            json.dump(osv(f"GHSA-000{i}-0000-000{i}", f"left{i}", "1.2.0", today(days + i)), f)
    with open(os.path.join(path, "epss.csv.gz"), "wb") as f:
        f.write(epss([("CVE-2026-0001", "0.9")]))
    snap = path + ".snap"
    run("feed", "build", "--out", snap, path)
    return snap


def day(days):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def site(folder):
    store, password = os.path.join(folder, "s"), os.path.join(folder, "pw")
    with open(password, "w") as f:
        f.write("correct horse battery 9\n")
    run("init", store, "--company", "Halden", "--admin", "ada@halden.example", "--name", "Ada")
    run("-C", store, "--as", "ada", "user", "password", "ada", env={"PROOFLINE_PASSWORD_FILE": password})
    return store


def bom(folder):
    path = os.path.join(folder, "bom.json")
    with open(path, "w") as f:
        json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
            {"type": "library", "name": "left0", "version": "1.0.0", "purl": PURL, "bom-ref": "l"}]}, f)
    return path


def story_old_advisories_stay_old_however_lately_they_were_taken_into_use():
    with Folder() as folder:
        store, old, new, sbom = site(folder), snapshot(folder, "old", 40), snapshot(folder, "new", 2), bom(folder)
        words = f"Advisories to {day(40)} (40 d old), in use since {day(0)}"
        run("-C", store, "feed", "activate", old)
        doctor = run("-C", store, "doctor", code=1).stdout
        check(re.search(r"^LOOK +advisories +" + re.escape(words), doctor, re.M), doctor)
        with Server("-C", store, "serve", "--listen", "127.0.0.1:0") as server:
            ada = Visitor(server).sign_in("ada", "correct horse battery 9")
            for path in ("/devices", "/feeds", "/findings"):
                page = ada.open(path)
                check(words in page and 'class="old"' in page, f"{path} does not say how old the advisories are")
            page = ada.open("/feeds")
            check("stale" in page and f"Newest advisory of {day(40)}: 40 d old" in page, "the page of feeds shows them fresh")
            check("New findings may be missing" in ada.open("/findings"), "the queue looks quiet over old advisories")
            run("-C", store, "feed", "activate", new)
            page = ada.open("/feeds")
            check(f"Advisories to {day(2)} (2 d old)" in page and 'class="old"' not in page and "stale" not in page, "fresh ones look old")
        check(re.search(r"^ok +advisories", run("-C", store, "doctor", code=1).stdout, re.M), "doctor looks at the wrong day")
        said = run("scan", sbom, "--snapshot", old)
        check(f"Advisories up to {day(40)}" in said.stderr and "40 d old" in said.stderr and "WARNING" in said.stderr, said.stderr)
        refused = run("scan", sbom, "--snapshot", old, "--max-feed-age", "30", code=7).stderr
        check(day(40) in refused, refused)
        check("WARNING" not in run("scan", sbom, "--snapshot", new, "--max-feed-age", "3").stderr, "a warning about fresh ones")


def story_one_old_source_of_several_is_not_hidden_by_the_others():
    with Folder() as folder:
        new = snapshot(folder, "mixed", 1)
        nvd = {"format": "NVD_CVE", "version": "2.0", "vulnerabilities": [{"cve": {
            "id": "CVE-2024-0001", "lastModified": "2024-01-01T00:00:00.000", "vulnStatus": "Analyzed"}}]}
        with open(os.path.join(folder, "mixed", "nvd.json"), "w") as f:
            json.dump(nvd, f)
        run("feed", "build", "--out", new, os.path.join(folder, "mixed"))
        refused = run("scan", bom(folder), "--snapshot", new, "--max-feed-age", "30", code=7).stderr
        check("NVD" in refused and "2024-01-01" in refused, refused)


def story_names_are_listed_without_advisories():
    with Folder() as folder:
        store = site(folder)
        said = run("-C", store, "feed", "names")
        check("No advisories are in use" in said.stderr and "feed update" in said.stderr, said.stderr)
        listed = run_json("-C", store, "feed", "names")
        check(listed["advisories"] is False and listed["rules"] == [] and listed["proposals"] == [], f"{listed}")


def story_tables_have_numbers_and_truths_in_json():
    """What is a number or yes and no in a table is one in JSON; what there is none of is null."""
    with Folder() as folder:
        store = site(folder)
        run("-C", store, "feed", "add", "kev", "kev")
        run("-C", store, "feed", "activate", snapshot(folder, "new", 2))
        people = run_json("-C", store, "user", "list")
        check(people[0]["active"] is True, f"{people}")
        run("-C", store, "feed", "update", "--offline", code=7)
        tried = run_json("-C", store, "feed", "history")
        check(tried and all(isinstance(t[c], int) for t in tried for c in ("records", "new", "changed", "gone")), f"{tried}")
        text = run("-C", store, "feed", "history").stdout
        check(text.split("\t")[4:8] == [str(tried[0][c]) for c in ("records", "new", "changed", "gone")], text)
