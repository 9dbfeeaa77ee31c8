"""The sample company, as a stranger meets it."""
import os
import re
import shutil
import sqlite3
import subprocess

from story import Folder, Server, Visitor, check, run, run_json

# The seeded defects of the sample: what a gap must name, in its record or its words.
SEEDED = {
    "penetration test finding without disposition": r"TC-002|PTR-1|FND-0001",
    "stale fuzz run": r"TC-022",
    "restore drill over its limit": r"TC-036",
    "no evidence of supplier session recording": r"TC-042",
    "radio support ends before the device": r"SUP-2\b",
    "supplier audit overdue": r"SUP-8\b",
    "component without supplier and support end": r"libfoo-halden",
    "document past its review": r"SOP-08",
    "risk R-12 below a cause": r"R-12\b",
    "risk R-13 below a cause": r"R-13\b",
    "overdue training": r"Ali Haddad",
    "security plan not effective": r"PLN-SEC-210",
    "certificate near its end": r"SUP-3\b|CRT",
    "flow without authentication": r"\bF20\b",
    "kernel KEV undecided": r"CVE-2022-0847",
}


def gap_text(gap):
    return f"{gap['record']} {gap['message']} {gap['fix']}"


def story_demo_is_ready_soon_and_ends_cleanly():
    with Server("demo", "--port", "0") as server:
        check(server.ready_s < 4, f"ready only after {server.ready_s:.1f} s")
        visitor = Visitor(server)
        check(visitor.open("/healthz") == "alive\n", "not alive")
        visitor.open("/d/sorrel-p1")
        check("Sign in" in visitor.page, "a page was shown without signing in")


def story_demo_leaves_nothing_behind():
    with Folder() as folder:
        os.environ["TMPDIR"] = folder
        try:
            with Server("demo", "--port", "0") as server:
                check(len(os.listdir(folder)) == 1, "the sample is not in the temporary folder")
                Visitor(server).sign_in("ines").open("/d/sorrel-p1")
        finally:
            del os.environ["TMPDIR"]
        check(os.listdir(folder) == [], f"left behind: {os.listdir(folder)}")


def story_every_seeded_defect_is_found_with_its_record():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            report = run_json("-C", folder, "check", "--device", "sorrel-p1", "--fail-on", "none")
            visitor = Visitor(server).sign_in("ines")
            visitor.open("/d/sorrel-p1/gaps")
            for what, pattern in SEEDED.items():
                hits = [g for g in report["gaps"] if re.search(pattern, gap_text(g))]
                check(hits, f"not found: {what} ({pattern})")
                check(all(g["fix"] for g in hits), f"no way to close: {what}")
                check(re.search(pattern, visitor.page), f"not on the page: {what}")
            check(report["packs"] and all(p["version"] for p in report["packs"]), "packs without version")
            check("compliant" not in visitor.page.lower(), "a page says compliant")


def story_closing_a_gap_makes_it_vanish_and_keeps_its_history():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            before = run_json("-C", folder, "check", "--device", "sorrel-p1", "--fail-on", "none")
            mine = [g for g in before["gaps"] if g["record"] == "F20"]
            check(mine, "F20 has no gap")
            run("-C", folder, "set", "F20", "authentication=mutual TLS between signing service and repository", "--reason", "Authentication value was never written down")
            after = run_json("-C", folder, "check", "--device", "sorrel-p1", "--fail-on", "none")
            left = [g for g in after["gaps"] if g["record"] == "F20" and g["rule"] == mine[0]["rule"]]
            check(not left, f"still there: {left}")
            visitor = Visitor(server).sign_in("ines")
            visitor.open("/d/sorrel-p1/gaps")
            closed = visitor.page.split("Closed gaps")[1]
            check("F20" in closed, "the closed gap has no history")


def outcomes(folder, sbom):
    rows = sqlite3.connect(f"file:{folder}/proofline.db?mode=ro", uri=True).execute(
        "select p.name, v.vuln, v.outcome, v.reason from verdict v join package p on p.id = v.package"
        " join sbom_component c on c.package = p.id where c.sbom = ?", (sbom,)).fetchall()
    return rows


def story_components_are_judged_as_the_facts_say():
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../data/sorrel")
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder):
            snapshot = [os.path.join(folder, "feeds", f) for f in os.listdir(os.path.join(folder, "feeds"))][0]
            gateway = [f for f in os.listdir(source) if f.startswith("sbom-gateway-1.8") and f.endswith(".json")]
            check(gateway, "no gateway SBOM in the sample")
            for file in gateway:
                report = run_json("scan", os.path.join(source, file), "--snapshot", snapshot)
                openssl = [c for c in report["components"] if c["name"] == "openssl" and c["version"].startswith("1.1.1n")]
                check(openssl, f"{file}: no openssl")
                bad = [o for o in openssl[0]["outcomes"] if o["outcome"] == "affected"]
                check(not bad, f"{file}: the back-ported fix is reported: {bad}")
            comm = run_json("scan", os.path.join(source, "sbom-comm-2.0.3.cdx.json"), "--snapshot", snapshot)
            kernel = [o for c in comm["components"] if c["name"].startswith("linux") for o in c["outcomes"]]
            hit = [o for o in kernel if "CVE-2022-0847" in [o["id"], *o["aliases"]]]
            check(hit and hit[0]["outcome"] == "affected" and hit[0]["kev"], f"kernel KEV: {kernel}")
            for file in sorted(f for f in os.listdir(source) if f.startswith("sbom-") and f.endswith(".json")):
                for c in run_json("scan", os.path.join(source, file), "--snapshot", snapshot)["components"]:
                    if c["name"] == "libfoo-halden":
                        said = [o["outcome"] for o in c["outcomes"]]
                        check(not said or said == ["not-assessable"], f"libfoo-halden: {said}")
                        check(not said or c["outcomes"][0]["reason"], "libfoo-halden: no reason")
            findings = run_json("-C", folder, "list", "finding", "vulnerability:CVE-2022-0847")
            check(findings and findings[0]["state"] == "open", f"the kernel finding is not open: {findings}")


def story_pages_work_without_javascript():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            visitor = Visitor(server).sign_in("ines")
            check(visitor.status == 200 and "Sorrel P1" in visitor.page, f"after sign-in: {visitor.status} {visitor.url}")
            for path, word in [("/devices", "Sorrel P1"), ("/d/sorrel-p1", "What is missing"), ("/d/sorrel-p1/trace", "T-001"),
                               ("/d/sorrel-p1/sbom", "CycloneDX"), ("/list/threat", "T-001"), ("/list/threat?q=stride:tampering", "T-002"),
                               ("/r/T-001", "Mitigated by"), ("/r/T-001/history", "created"), ("/r/T-001/edit", "Attack path"),
                               ("/list/threat?q=strid:x", "stride"), ("/search?q=replay", "T-002"), ("/sbom/SBM-0001", "Component"),
                               ("/rule/DFD-02", "Why"), ("/new/threat", "New threat")]:
                visitor.open(path)
                check(visitor.status in (200, 422), f"{path}: {visitor.status}")
                check(word in visitor.page, f"{path}: no {word!r}")
                check("Content-Security-Policy" in visitor.headers and "default-src 'none'" in visitor.headers["Content-Security-Policy"], f"{path}: no policy")
                check(not re.search(r'\sstyle="|\son[a-z]+="|javascript:', visitor.page), f"{path}: inline style or script")
            visitor.open("/r/T-999")
            check(visitor.status == 404 and "T-999" in visitor.page, f"unknown record: {visitor.status}")


def story_an_edit_in_the_browser_is_kept_and_a_stale_one_is_not():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            one, two = Visitor(server).sign_in("ines"), Visitor(server).sign_in("kofi")
            one.open("/r/F20/edit")
            sent = {**one.form("edit"), "reason": "Written down at last", "authentication": "mutual TLS"}
            two.open("/r/F20/edit")
            second = {**two.form("edit"), "reason": "Written down differently", "authentication": "token"}
            one.post("/r/F20/edit", sent)
            check("mutual TLS" in one.page and one.url.endswith("/r/F20"), f"not saved: {one.status} {one.url}")
            two.post("/r/F20/edit", second)
            check(two.status == 412, f"a stale edit was answered with {two.status}")
            check("token" in two.page and "Ines Falk" in two.page, "what was typed, or who was first, is lost")
            one.post("/r/F20/edit", {**sent, "csrf": "wrong"})
            check(one.status == 403, f"a form without its token was taken: {one.status}")
