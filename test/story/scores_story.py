"""How grave and how likely a vulnerability was thought, day by day, and what each change reopened: on the finding's page."""
import json
import os
import re
import time

from feed_story import Site
from fresh_story import bom
from mirror import Mirror, epss, kev, osv, osv_bucket, today
from news_story import ZLIB, edit, feeds
from story import Folder, Server, Visitor, check, run, run_json
from triage_story import sample

CVE = "CVE-2026-6001"
LOW, HIGH = "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def rows(page):
    """Day -> cells of the history."""
    table = re.search(r'<h2 id="e-h">.*?<tbody>(.*?)</tbody>', page, re.S)
    check(table, "there is no history of scores")
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", table.group(1), re.S):
        cells = [re.sub(r"<[^>]+>", " ", c).strip() for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        found[cells[0]] = [re.sub(r"\s+", " ", c) for c in cells[1:]]
    return found


def story_scores_of_each_day_stand_on_the_finding():
    with Folder() as folder, Mirror(folder) as m:
        site = Site(folder, m)
        site.add("osv", "osv", "/osv", "--scope", "npm")
        site.add("epss", "epss", "/epss.csv.gz")
        site.add("kev", "kev", "/kev.json")
        run("-C", site.path, "--as", "ada", "new", "product", "title=Pump", "intended_use=Infusion")
        run("-C", site.path, "--as", "ada", "import", "sbom", bom(folder), "--device", "PRD-0001")
        others = [f"CVE-2025-{i:04}" for i in range(40)]
        for day, score, listed, vector in ((5, "0.01000", [], LOW), (3, "0.25000", [], LOW), (1, "0.90000", [CVE], HIGH)):
            osv_bucket(m, "npm", [osv("GHSA-0000-0000-0000", "left0", "1.2.0", today(day), aliases=[CVE], severity=[{"type": "CVSS_V3", "score": vector}])])
            m.paths["/epss.csv.gz"] = epss([(c, "0.00100") for c in others] + [(CVE, score)], today(day))
            m.paths["/kev.json"] = kev(others + listed, today(day))
            site.update()
        finding = run_json("-C", site.path, "list", "finding")[0]["id"]
        run("-C", site.path, "--as", "ada", "user", "password", "ada", env={"PROOFLINE_PASSWORD_FILE": os.path.join(folder, "pw")})
        with Server("-C", site.path, "serve", "--listen", "127.0.0.1:0") as server:
            ada = Visitor(server).sign_in("ada", "correct horse battery 9")
            for path in (f"/r/{finding}", f"/cve/{CVE}"):
                got = rows(ada.open(path))
                shown = [float(got[today(d)[:10]][1].rstrip(" %")) for d in (5, 3, 1)]
                check(shown == [1, 25, 90], f"{path}: {got}")
                check(got[today()[:10]][0] == "9.8", f"{path}: the score of today: {got}")
                check("polyline" in ada.page and 'aria-label="EPSS by day"' in ada.page, f"{path}: no line")
            points = re.search(r'points="([^"]+)"', ada.page).group(1).split()
            heights = [int(p.split(",")[1]) for p in points]
            check(heights == sorted(heights, reverse=True) and heights[0] > heights[-1], f"the line does not rise: {points}")


def story_what_a_change_reopened_is_told_beside_it():
    with Folder() as folder:
        sample(folder)

        def graver(path):
            file = os.path.join(path, "kev.json")
            with open(file, encoding="utf-8") as f:
                listed = json.load(f)
            listed["vulnerabilities"].append({**listed["vulnerabilities"][0], "cveID": ZLIB, "dateAdded": "2026-11-20"})
            listed["count"] = len(listed["vulnerabilities"])
            with open(file, "w", encoding="utf-8") as f:
                json.dump(listed, f)
            edit(path, ZLIB, lambda a: a.update(severity=[{"type": "CVSS_V3", "score": LOW}]))
        feeds(folder, graver)
        told = {e["obj"].split("@")[0] for e in run_json("-C", folder, "log", "--limit", "60") if e["to"] == "reopened" and ZLIB in (e["reason"] or "")}
        finding = next(i for i in told if i.startswith("FND-"))
        check(any(i.startswith("R-") for i in told), f"no risk was reopened: {told}")
        with Server("-C", folder, "serve", "--listen", "127.0.0.1:0") as server:
            ines = Visitor(server).sign_in("ines")
            got = rows(ines.open(f"/r/{finding}"))
            day = max(got)
            check(day == time.strftime("%Y-%m-%d", time.gmtime()), f"{got}")
            check(all(i in got[day][3] for i in told if i == finding or i.startswith("R-")) and "known exploited" in got[day][3], f"{told}: {got[day]}")
            check(float(got[day][0]) < 3, f"the score of today: {got[day]}")
            check(got[day][2] == "yes", f"it is known to be exploited: {got[day]}")
            check("How grave" not in ines.open("/r/T-001"), "a threat has scores")
