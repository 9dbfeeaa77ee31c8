"""Deciding findings: what is decided is signed, holds for what it names, comes back when the world changes; VEX and scans."""
import atexit
import json
import os
import re
import shutil
import xml.etree.ElementTree

from story import Folder, Server, Visitor, check, run, run_json

SAMPLE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "data", "sorrel")
KERNEL = "CVE-2022-0847"


made = None   # the sample company, made once and copied for each story


def sample(folder):
    """The sample company without a server."""
    global made
    if not made:
        made = Folder()
        atexit.register(made.__exit__)
        with Server("demo", "--port", "0", "--keep", made.__enter__()):
            pass
    shutil.copytree(made.path, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock", "*.lock"))
    password = os.path.join(folder, "password")
    with open(password, "w") as f:
        f.write("demo\n")
    return {"PROOFLINE_PASSWORD_FILE": password}


def item(folder, vuln):
    found = [i for i in run_json("-C", folder, "triage", "list", "--all")["items"] if i["vulnerability"] == vuln]
    check(len(found) == 1, f"{vuln} stands {len(found)} times in the queue")
    return found[0]


def finding_in(folder, vuln, release):
    found = [f for f in item(folder, vuln)["findings"] if f["release"] == release]
    check(len(found) == 1, f"{vuln} has {len(found)} findings in {release}")
    return found[0]


def signed(folder, env, *statements):
    """The analyst signs, then a second person; each all of them in one ceremony."""
    for who in ("ines", "tomas"):
        run("-C", folder, "--as", who, "sign", ",".join(statements), env=env)


def story_a_decision_is_signed_and_taken_over_by_the_next_sbom():
    with Folder() as folder:
        env = sample(folder)
        before = item(folder, KERNEL)
        check(before["need"] == "Needs a decision" and before["kev"] and before["clinical_risk"] == "high", f"the kernel: {before}")
        check(before["ssvc_supplier"] == "immediate" and before["units"] == 1530, f"the kernel: {before}")
        decide = ["-C", folder, "--as", "ines", "triage", "decide", KERNEL, "--status", "not_affected", "--scope", "product"]
        run(*decide, "--justification", "vulnerable_code_not_in_execute_path", "--reason", "short", code=3)
        run(*decide, "--reason", "The pipe code of this kernel is not used by anything", code=3)
        run("-C", folder, "--as", "kofi", *decide[4:], "--justification", "vulnerable_code_not_in_execute_path", "--reason",
            "The pipe code of this kernel is not used by anything", code=4)
        made = json.loads(run(*decide, "--justification", "vulnerable_code_not_in_execute_path", "--reason",
                              "The pipe code of this kernel is not used by anything").stdout)
        vex = made["statements"][0]
        check(item(folder, KERNEL)["need"] == "Waits for a signature", "a decision counts before it is signed")
        run("-C", folder, "--as", "tomas", "sign", vex, "state_not_affected", code=6, env=env)  # the analyst comes first
        run("-C", folder, "--as", "ines", "sign", vex, "state_affected", code=6, env=env)       # it says something else
        run("-C", folder, "--as", "ines", "sign", vex, "state_not_affected", env=env)
        run("-C", folder, "--as", "ines", "sign", vex, "state_not_affected", code=6, env=env)   # not twice the same
        check(item(folder, KERNEL)["need"] == "Waits for a signature", "the analyst alone brings it into force")
        run("-C", folder, "--as", "tomas", "sign", vex, "state_not_affected", env=env)
        kinds = [(s["kind"], s["name"].split()[0]) for s in run_json("-C", folder, "show", vex)["signatures"]]
        check([k for k, _ in kinds] == ["authored", "reviewed"] and kinds[0][1] == "Ines", f"what was signed: {kinds}")
        done = finding_in(folder, KERNEL, "REL-203")
        check(done["state"] == "rejected" and done["decision"] == vex, f"the signed decision did not move its finding: {done}")
        bom = json.load(open(os.path.join(SAMPLE, "sbom-comm-2.0.3.cdx.json")))
        bom["serialNumber"] = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
        path = os.path.join(folder, "next.cdx.json")
        json.dump(bom, open(path, "w"))
        run("-C", folder, "--as", "ines", "import", "sbom", path, "--device", "sorrel-p1", "--version", "REL-194", "--element", "P3")
        reused = finding_in(folder, KERNEL, "REL-194")
        check(reused["decision"] == vex and reused["state"] == "rejected", f"the next SBOM did not take it over: {reused}")
        text = run("-C", folder, "show", reused["id"]).stdout
        check(f"Decided in {vex} by Ines Falk on" in text and "because: The pipe code" in text, "the reason of the reuse is not shown")
        bounded = finding_in(folder, "CVE-2022-37434", "REL-194")
        check(bounded["decision"] is None and bounded["need"] == "Needs a decision", f"a decision for one release holds for another: {bounded}")
        cve = run_json("-C", folder, "cve", KERNEL)
        check(cve["answer"].startswith("No: ") and vex in cve["answer"], f"are we affected: {cve['answer']}")
        check(any(h["outcome"] == "not-affected" for h in cve["held"]), "the release with the fixed kernel is not told")
        check(run("-C", folder, "cve", "CVE-1999-99999", code=5).stdout == "", "an unknown id answers")


def story_news_wake_a_decision_and_its_risk():
    with Folder() as folder:
        sample(folder)
        feeds = os.path.join(folder, "news")
        shutil.copytree(os.path.join(SAMPLE, "advisories"), feeds)
        for name in ("kev.json", "epss.csv"):
            shutil.copy(os.path.join(SAMPLE, name), feeds)
        kev = json.load(open(os.path.join(feeds, "kev.json")))
        kev["vulnerabilities"].append({**kev["vulnerabilities"][0], "cveID": "CVE-2022-37434", "dateAdded": "2026-11-20"})
        kev["count"] = len(kev["vulnerabilities"])
        json.dump(kev, open(os.path.join(feeds, "kev.json"), "w"))
        snapshot = os.path.join(folder, "news.snap")
        run("feed", "build", "--out", snapshot, feeds)
        run("-C", folder, "--as", "ines", "feed", "activate", snapshot)
        woken = item(folder, "CVE-2022-37434")
        check(woken["kev"] and woken["need"] == "Look again", f"a known exploit changes nothing: {woken}")
        finding = woken["findings"][0]
        check("known exploited" in " ".join(finding["triggers"]), f"it is not said what has changed: {finding}")
        check(finding["state"] == "reopened", f"the finding sleeps on: {finding}")
        risks = run_json("-C", folder, "list", "security_risk", "state:reopened")
        check(risks, "no risk was opened again")
        history = run("-C", folder, "history", risks[0]["id"]).stdout
        check("CVE-2022-37434" in history and "known exploited" in history, "the risk does not say why it is open again")
        quiet = item(folder, "CVE-2021-42386")
        check(quiet["need"] == "Decided", f"what did not change is to be looked at again: {quiet}")


def story_vex_goes_out_and_comes_in_as_a_proposal():
    with Folder() as folder:
        sample(folder)
        for name in ("openvex", "cyclonedx", "cyclonedx-vdr", "csaf"):
            ask = ["-C", folder, "vex", "export", "--device", "sorrel-p1", "--version", "REL-203", "--format", name]
            first, second = run(*ask).stdout, run(*ask).stdout
            check(first == second, f"{name}: two exports differ")
            path = os.path.join(folder, f"{name}.json")
            with open(path, "w") as f:
                f.write(first.replace("Halden Medical Devices", "Kernel Supplier Ltd"))
            read = json.loads(run("vex", "check", path).stdout)
            check(read["statements"] == 13 and not read["left_out"], f"{name}: {read}")
        checked = run_json("csaf", "check", os.path.join(folder, "csaf.json"))["documents"][0]
        check(not checked["faults"] and checked["advice"] and "6.3.8" in checked["not_checked"], f"our own CSAF: {checked}")
        path = os.path.join(folder, "cyclonedx.json")
        doc = json.load(open(path))
        doc["vulnerabilities"][0]["affects"] = doc["vulnerabilities"][0]["affects"][:1]
        doc["vulnerabilities"] = doc["vulnerabilities"][:1]
        for versions, held in (([{"range": "vers:generic/>=0"}], 1), ([{"range": "vers:generic/<0"}], 0), ([{"version": "no such"}], 0)):
            doc["vulnerabilities"][0]["affects"][0]["versions"] = versions
            json.dump(doc, open(path, "w"))
            dry = run_json("-C", folder, "vex", "import", path, "--dry-run")
            check(dry["matched"] == held and dry["unmatched"] == 1 - held, f"versions beside a product, {versions}: {dry}")
        before = {i["vulnerability"]: i["findings"][0]["decision"] for i in run_json("-C", folder, "triage", "list", "--all")["items"]}
        path = os.path.join(folder, "openvex.json")
        doc = json.load(open(path))
        doc["statements"].append({"vulnerability": {"name": "CVE-2020-1"}, "products": [{"@id": "pkg:npm/nothing-of-ours@1"}], "status": "fixed"})
        json.dump(doc, open(path, "w"))
        dry = run_json("-C", folder, "vex", "import", path, "--dry-run")
        check(dry["matched"] == 13 and dry["unmatched"] == 1 and not dry["proposals"], f"dry run: {dry}")
        check(dry["matched_nothing"][0]["product"] == "pkg:npm/nothing-of-ours@1", "what matched nothing is not named")
        done = run_json("-C", folder, "--as", "ines", "vex", "import", path)
        check(len(done["proposals"]) == 13, f"import: {done}")
        again = run_json("-C", folder, "--as", "ines", "vex", "import", path)
        check(again["already"] == 13 and not again["proposals"], f"a second import proposes again: {again}")
        proposal = run_json("-C", folder, "show", done["proposals"][0])
        check(proposal["state"] == "under_investigation" and "Kernel Supplier Ltd" in proposal["fields"]["source"], f"a proposal: {proposal}")
        after = {i["vulnerability"]: i["findings"][0]["decision"] for i in run_json("-C", folder, "triage", "list", "--all")["items"]}
        check(before == after, "a supplier's statement replaced a decision of ours")
        out = run("-C", folder, "vex", "export", "--device", "sorrel-p1", "--version", "REL-203").stdout
        check("Kernel Supplier" not in out, "a proposal is stated to the outside")
        for text in ("", "{", "[]", '{"@context":"https://openvex.dev/ns","statements":' + "[" * 600 + "]" * 600 + "}"):
            with open(path, "w") as f:
                f.write(text)
            run("-C", folder, "--as", "ines", "vex", "import", path, code=3)


def story_a_scan_in_every_format():
    with Folder() as folder:
        snapshot = os.path.join(folder, "s.snap")
        feeds = os.path.join(folder, "feeds")
        shutil.copytree(os.path.join(SAMPLE, "advisories"), feeds)
        shutil.copy(os.path.join(SAMPLE, "kev.json"), feeds)
        run("feed", "build", "--out", snapshot, feeds)
        bom = json.load(open(os.path.join(SAMPLE, "sbom-comm-2.0.3.cdx.json")))
        bom["components"].append({"type": "library", "name": "house <made> & \"odd\"\u0001", "version": "1"})
        path = os.path.join(folder, "bom.json")
        json.dump(bom, open(path, "w"), indent=1)
        scan = ["scan", path, "--snapshot", snapshot]
        counts = run_json(*scan)["counts"]
        unknown = counts["not_assessable"]
        check(counts["affected"] > 5 and unknown > 0, f"counts: {counts}")
        names = ("sarif", "cyclonedx", "junit", "gitlab", "openvex")
        args = [a for n in names for a in ("-o", f"{n}={os.path.join(folder, n)}")]
        table = run(*scan, "-o", "table", *args).stdout
        check(KERNEL in table, "the table is not among the outputs")
        text = {n: open(os.path.join(folder, n)).read() for n in names}
        for n in names:
            check(run(*scan, "-o", n).stdout == text[n], f"{n}: file and standard output differ")
        sarif = json.loads(text["sarif"])["runs"][0]
        check(sarif["properties"]["not-assessable"] == unknown, "SARIF does not count what could not be assessed")
        lines = open(path).read().split("\n")
        kernel = next(r for r in sarif["results"] if r["ruleId"] == KERNEL)
        check("linux" in lines[kernel["locations"][0]["physicalLocation"]["region"]["startLine"] - 1], "SARIF points to another line")
        check(len({r["partialFingerprints"]["prooflineOutcome/v1"] for r in sarif["results"]}) == len(sarif["results"]), "fingerprints repeat")
        suites = xml.etree.ElementTree.fromstring(text["junit"])
        check(int(suites.get("errors")) >= unknown and suites.find(".//failure") is not None, "JUnit does not count what could not be assessed")
        counted = {p["name"]: p["value"] for p in json.loads(text["cyclonedx"])["metadata"]["properties"]}
        check(counted["proofline:count:not-assessable"] == str(unknown), "CycloneDX does not count what could not be assessed")
        check(f"{unknown} could not be assessed" in text["gitlab"] and f"{unknown} components could not be assessed" in text["openvex"], "a count is missing")
        quiet = os.path.join(folder, "quiet.json")
        json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
            {"type": "library", "name": "fine", "version": "1", "purl": "pkg:npm/%40nobody/fine@1.0.0"}]}, open(quiet, "w"))
        for to, path in (("openvex", None), (f"openvex={quiet}.vex", quiet + ".vex")):
            out = run("scan", quiet, "--snapshot", snapshot, "-o", to)
            check(not out.stdout.strip() or path, f"OpenVEX states nothing: {out.stdout}")
            check("nothing to state" in out.stderr and not (path and os.path.exists(path)), out.stderr)
        run(*scan, "--fail-on", "kev", "-o", f"sarif={os.path.join(folder, 'again')}", code=1)
        check(open(os.path.join(folder, "again")).read() == text["sarif"], "a failed gate writes something else")
        run(*scan, "--fail-on", "not-assessable", code=1)
        run(*scan, "--max-feed-age", "36000")
        run(*scan, "--max-feed-age", "1", code=7)
        run(*scan, "--max-feed-age", "soon", code=2)
        run(*scan, "-o", "pdf", code=2)
        run(*scan, "-o", "sarif", "-o", "junit", code=2)
        run("scan", os.path.join(folder, "sarif"), "--snapshot", snapshot, code=3)


def story_what_was_decided_is_signed_in_one_go():
    """Whatever was decided, all of it is one ceremony for the analyst, then one for the second person."""
    with Folder() as folder:
        sample(folder)
        waits = [i["vulnerability"] for i in run_json("-C", folder, "triage", "list")["items"] if i["need"] == "Needs a decision"]
        statements = []
        for vuln, what in zip(waits, (("affected", "--action", "Install 2.1.0"), ("not_affected", "--justification", "component_not_present"))):
            made = run("-C", folder, "--as", "ines", "triage", "decide", vuln, "--status", *what, "--reason", "Looked at the code of this release")
            statements += json.loads(made.stdout)["statements"]
        with Server("serve", "--listen", "127.0.0.1:0", "-C", folder) as server:
            ines, tomas = (Visitor(server).sign_in(n) for n in ("ines", "tomas"))
            check("wait for your signature" not in tomas.open("/findings"), "the second person is asked before the analyst has signed")
            check(statements[0] not in tomas.open("/work"), "My work asks the second person before the analyst has signed")
            link = re.search(r'href="(/sign\?id=[^"]+)"', ines.open("/findings"))
            check(link and f"{len(statements)} decisions wait for your signature" in ines.page, "the analyst is not asked to sign them all")
            ines.open(link.group(1).replace("&amp;", "&"))
            check(all(v in ines.page for v in statements) and "I analysed this vulnerability: the product is not affected" in ines.page, "what is signed")
            ines.post("/sign", {**ines.form("sign"), "password": "demo"})
            check(ines.status == 200 and "wait for your signature" not in ines.open("/findings"), f"the analyst signs: {ines.status}")
            tomas.open("/work")
            check("To sign: VEX statements" in tomas.page and all(v in tomas.page for v in statements), "My work does not ask the second person")
            tomas.open("/sign?" + "&".join(f"id={v}" for v in statements))
            tomas.post("/sign", {**tomas.form("sign"), "password": "demo"})
            check(tomas.status == 200, f"the second person signs: {tomas.status}")
        states = [run_json("-C", folder, "show", v)["state"] for v in statements]
        check(states == ["affected", "not_affected"], f"signed: {states}")
        run("-C", folder, "verify")


def story_triage_without_scripts():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        ines, tomas, auditor = (Visitor(server).sign_in(n) for n in ("ines", "tomas", "nb-auditor"))
        ines.open("/findings")
        check("Likely high" in ines.page and KERNEL in ines.page and "Respiratory arrest" in ines.page, "the queue does not begin with the worst")
        ticked = re.findall(r'name="f" form="decide" value="([^"]+)"[^>]* checked', ines.page)
        check(ticked == ["FND-0007"], f"what is decided: {ticked}")
        form = {**ines.form("decide"), "f": ticked * 2}  # named twice, decided once
        ines.post("/findings/decide", {**form, "status": "not_affected", "reason": "Kept when the form is refused"})
        check(ines.status == 422 and "needs a justification" in ines.page and "Kept when the form is refused" in ines.page, f"a refused form: {ines.status}")
        ines.post("/findings/decide", {**form, "status": "affected", "reason": "Local users can become root", "valid_until": "31.12.2026"})
        check(ines.status == 422 and "Valid until: must be a date" in ines.page, f"a day that is none: {ines.status}")
        ines.post("/findings/decide", {**form, "status": "affected", "reason": "Local users can become root", "action": "Install 2.1.0",
                                       "justification": "component_not_present",  # left from before: it counts for no other status
                                       "reach": "local", "exploit": "in_the_wild"})
        check(ines.status == 200 and "1 decided as affected" in ines.page, f"deciding: {ines.status}")
        vex = re.search(r"VEX-\d+", ines.open(f"/findings?v={KERNEL}")).group(0)
        check("waits for your signature" in ines.page, "it is not said that the analyst signs")
        tomas.open(f"/r/{vex}/sign/state_affected")
        check(tomas.status == 409 and "waits for another signature" in tomas.page, f"the reviewer signs first: {tomas.status}")
        for who in (ines, tomas):
            who.open(f"/sign?id={vex}")
            who.post("/sign", {**who.form("sign"), "password": "demo"})
            check(who.status == 200, f"signing: {who.status}")
        state = run_json("-C", folder, "show", "FND-0007")
        check(state["state"] == "action" and state["fields"]["clinical_level"] == "high", f"after signing: {state}")
        check(auditor.open("/findings") and "needs the role" in auditor.page and auditor.status == 200, "an auditor cannot read the queue")
        auditor.post("/findings/decide", {**form, "csrf": auditor.csrf(), "status": "affected", "reason": "I may not do this at all"})
        check(auditor.status == 403, f"an auditor decides: {auditor.status}")
        ines.post("/findings/decide", {**form, "csrf": "0" * 32, "status": "affected", "reason": "A form of another page"})
        check(ines.status == 403, f"a foreign form: {ines.status}")
        ines.open("/findings?q=colour%3Ared")
        check(ines.status == 422 and "colour" in ines.page, "a wrong filter is not told")
        ines.open(f"/cve/{KERNEL}")
        check("Are we affected" in ines.page and "Yes: " in ines.page and vex in ines.page, "one vulnerability in all devices")
        ines.open("/findings?v=FND-0001")
        check("/cve/FND" not in ines.page and '<a class="tag line mono" href="/r/FND-0001">' in ines.page, "a finding without a vulnerability leads nowhere")
        ines.open("/cve/%3Cscript%3E")
        check(ines.status == 404 and "<script>" not in ines.page.split("<main")[1], "an odd id")
