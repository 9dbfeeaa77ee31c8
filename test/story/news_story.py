"""What wakes a decision, one story for each reason, and what follows a decision: clocks, a change, a second person."""
import csv
import json
import os
import shutil

from story import Folder, Server, Visitor, check, run, run_json
from triage_story import KERNEL, SAMPLE, item, sample, signed

ZLIB = "CVE-2022-37434"   # decided in the sample, not known to be exploited
SINCE = ["--justification", "vulnerable_code_not_in_execute_path", "--reason", "Nothing here calls the weak function"]


def feeds(folder, change):
    """A snapshot of the sample's advisories after change(folder of the files) is in use."""
    path = os.path.join(folder, "news")
    shutil.copytree(os.path.join(SAMPLE, "advisories"), path)
    for name in ("kev.json", "epss.csv"):
        shutil.copy(os.path.join(SAMPLE, name), path)
    change(path)
    snapshot = os.path.join(folder, "news.snap")
    run("feed", "build", "--out", snapshot, path)
    run("-C", folder, "--as", "ines", "feed", "activate", snapshot)


def advisory(path, vuln):
    for name in sorted(os.listdir(path)):
        if name.endswith(".json"):
            file = os.path.join(path, name)
            with open(file, encoding="utf-8") as f:
                a = json.load(f)
            if vuln in [a.get("id"), *a.get("aliases", [])]:
                return file, a
    raise AssertionError(f"no advisory about {vuln}")


def edit(path, vuln, change):
    file, a = advisory(path, vuln)
    change(a)
    with open(file, "w", encoding="utf-8") as f:
        json.dump(a, f)


def woken(folder, vuln, words):
    now = item(folder, vuln)
    said = " ".join(t for f in now["findings"] for t in f["triggers"])
    check(now["need"] == "Look again" and words in said, f"{vuln}: {now['need']}, {said!r} instead of {words!r}")


def decide(folder, env, vuln, *more):
    made = json.loads(run("-C", folder, "--as", "ines", "triage", "decide", vuln, "--status", "not_affected", *SINCE, *more).stdout)
    signed(folder, env, *made["statements"])
    return made["statements"]


def imported(folder, change):
    """The sample's SBOM of the communication processor again, changed."""
    with open(os.path.join(SAMPLE, "sbom-comm-2.0.3.cdx.json"), encoding="utf-8") as f:
        bom = json.load(f)
    bom["serialNumber"] = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b80"
    change(bom)
    path = os.path.join(folder, "again.cdx.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(bom, f)
    run("-C", folder, "--as", "ines", "import", "sbom", path, "--device", "sorrel-p1", "--version", "REL-203", "--element", "P3")


def story_a_decision_expires():
    with Folder() as folder:
        env = sample(folder)
        decide(folder, env, KERNEL, "--until", "2020-01-01")
        woken(folder, KERNEL, "looked at again by 2020-01-01")


def story_epss_jumps():
    with Folder() as folder:
        sample(folder)

        def rise(path):
            file = os.path.join(path, "epss.csv")
            rows = open(file, encoding="utf-8").read().splitlines()
            rows = [r for r in rows if not r.startswith(ZLIB)] + [f"{ZLIB},0.97000,0.99900"]
            with open(file, "w", encoding="utf-8") as f:
                f.write("\n".join(rows) + "\n")
        feeds(folder, rise)
        woken(folder, ZLIB, "EPSS rose from")


def story_dependency_track_2361_a_score_that_changes_is_told():
    with Folder() as folder:
        sample(folder)
        feeds(folder, lambda path: edit(path, ZLIB, lambda a: a.update(severity=[
            {"type": "CVSS_V3", "score": "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L"}])))
        woken(folder, ZLIB, "its score changed")


def story_the_advisory_names_other_versions():
    with Folder() as folder:
        sample(folder)

        def shift(a):
            for affected in a["affected"]:
                affected["ranges"] = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2.12"}]}]
                affected.pop("versions", None)
        feeds(folder, lambda path: edit(path, ZLIB, shift))
        woken(folder, ZLIB, "the advisory's versions changed")


def story_the_advisory_is_taken_back():
    with Folder() as folder:
        sample(folder)
        feeds(folder, lambda path: edit(path, ZLIB, lambda a: a.update(withdrawn="2026-11-01T00:00:00Z")))
        woken(folder, ZLIB, "no longer said to apply")


def story_the_release_holds_another_version():
    with Folder() as folder:
        sample(folder)

        def newer(bom):
            for c in bom["components"]:
                if c["name"] == "zlib":
                    for key in ("version", "purl", "cpe", "bom-ref"):
                        if key in c:
                            c[key] = c[key].replace("1.2.11", "1.2.10")
        imported(folder, newer)
        woken(folder, ZLIB, "the release now holds zlib 1.2.10")


def story_the_element_changes():
    with Folder() as folder:
        env = sample(folder)
        decide(folder, env, KERNEL)
        check(item(folder, KERNEL)["need"] == "Decided", "not decided")
        run("-C", folder, "--as", "kofi", "set", "P3", "functions=A second radio was added; it listens all the time", "--reason", "New hardware")
        woken(folder, KERNEL, "P3")


def clocks(folder, *words):
    found = {}
    for c in run_json("-C", folder, "list", "clock"):
        fields = run_json("-C", folder, "show", c["id"])
        if all(w in fields["title"] for w in words):
            found[fields["fields"]["rule"]] = fields
    return found


def story_an_uncontrolled_finding_starts_its_clocks_and_opens_its_change():
    with Folder() as folder:
        env = sample(folder)
        ask = ["-C", folder, "--as", "ines", "triage", "decide", KERNEL, "--status", "affected", "--action", "Install 2.1.0"]
        vex = json.loads(run(*ask, "--reason", "Local users can become root").stdout)["statements"][0]
        check(not clocks(folder, KERNEL), "clocks run before anybody has signed")
        signed(folder, env, vex)
        running = clocks(folder, KERNEL)
        check(set(running) == {"CK-01", "CK-02"} and all(c["state"] == "in_progress" for c in running.values()), f"{running.keys()}")
        check([running[k]["fields"]["days"] for k in ("CK-01", "CK-02")] == [30, 60], "the limits of the postmarket guidance")
        finding = run_json("-C", folder, "show", "FND-0007")
        told = run_json("-C", folder, "show", finding["links"]["remediated_by"][0]["to"])
        check(told["type"] == "change" and KERNEL in told["title"] and told["state"] == "open", f"{told}")
        with Server("serve", "--listen", "127.0.0.1:0", "-C", folder) as server:
            page = Visitor(server).sign_in("ines").open("/d/sorrel-p1")
            check("Tell customers" in page, "the device's page does not show what is due")
        run("-C", folder, "triage", "settle")
        check(len(clocks(folder, KERNEL)) == 2 and len([c for c in run_json("-C", folder, "list", "change") if KERNEL in c["title"]]) == 1,
              "settling again makes more of them")
        fixed = json.loads(run("-C", folder, "--as", "ines", "triage", "decide", "FND-0007", "--status", "fixed", "--reason", "2.1.0 is installed").stdout)
        signed(folder, env, fixed["statements"][0])
        ended = clocks(folder, KERNEL)
        check(ended["CK-02"]["state"] == "completed" and "is signed: fixed" in ended["CK-02"]["fields"]["met_by"], f"{ended['CK-02']}")
        check(ended["CK-01"]["state"] == "in_progress", "customers are told by people, not by a fix")


def story_what_is_newly_found_or_exploited_has_until_a_day_to_be_decided():
    with Folder() as folder:
        sample(folder)

        def exploited(path):
            file = os.path.join(path, "kev.json")
            with open(file, encoding="utf-8") as f:
                kev = json.load(f)
            kev["vulnerabilities"].append({**kev["vulnerabilities"][0], "cveID": ZLIB, "dateAdded": "2026-11-20"})
            kev["count"] = len(kev["vulnerabilities"])
            with open(file, "w", encoding="utf-8") as f:
                json.dump(kev, f)
        feeds(folder, exploited)
        running = clocks(folder, ZLIB)
        check(set(running) == {"CK-19"} and "known to be exploited" in running["CK-19"]["title"], f"{running}")
        check(running["CK-19"]["fields"]["days"] in (2, 3, 4), f"two working days: {running['CK-19']}")
        with Server("serve", "--listen", "127.0.0.1:0", "-C", folder) as server:
            check("known to be exploited" in Visitor(server).sign_in("ines").open("/work"), "My work does not show what is due")
        with open(os.path.join(SAMPLE, "sbom-comm-2.0.3.cdx.json"), encoding="utf-8") as f:
            bom = json.load(f)
        path = os.path.join(folder, "old.cdx.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(dict(bom, serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b81"), f)
        run("-C", folder, "--as", "ines", "import", "sbom", path, "--device", "sorrel-p1", "--version", "REL-194", "--element", "P3")
        check("CK-19" in clocks(folder, KERNEL), "a new finding has no day to be decided by")


def t_sod_decisions(folder, env):
    """T-SOD: who decided signs that, and nothing more; a draft, a token and a reader change nothing."""
    made = json.loads(run("-C", folder, "--as", "ines", "triage", "decide", KERNEL, "--status", "not_affected", *SINCE).stdout)
    vex = made["statements"][0]
    run("-C", folder, "--as", "ines", "sign", vex, env=env)
    run("-C", folder, "--as", "ines", "sign", vex, code=6, env=env)
    run("-C", folder, "--as", "nb-auditor", "sign", vex, code=4, env=env)
    return vex


def story_t_sod_a_decision_has_two_people():
    with Folder() as folder:
        env = sample(folder)
        vex = t_sod_decisions(folder, env)
        # the second person edits it: what was signed is void, it is theirs too, and neither is its reviewer now
        run("-C", folder, "--as", "tomas", "set", vex, "impact=Nothing here calls it; seen in the build log", "--reason", "Clearer")
        run("-C", folder, "--as", "tomas", "sign", vex, env=env)
        run("-C", folder, "--as", "ines", "sign", vex, code=4, env=env)
        check(item(folder, KERNEL)["need"] == "Waits for a signature", "an editor's signature counted")
        for args in ({"findings": ["FND-0007"], "status": "not_affected"}, {"findings": [], "status": "fixed"}, {"findings": ["FND-9999"], "status": "fixed"}):
            run("-C", folder, "--as", "ines", "triage", "decide", *(args["findings"] or ["none"]), "--status", args["status"], "--reason", "x" * 20,
                code=3 if args["findings"] == ["FND-0007"] else 5)
        run("-C", folder, "--as", "ines", "triage", "decide", "FND-0007", "--status", "fixed", "--scope", "galaxy", "--reason", "x" * 20, code=3)
        run("-C", folder, "--as", "ines", "triage", "decide", "FND-0007", "--status", "fixed", "--scope", "product", "--versions", "vers:nonsense/1", "--reason", "x" * 20, code=3)
