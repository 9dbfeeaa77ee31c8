"""The recurring complaints that need a store: decisions, news and statements; each named after its thread."""
import json
import os

from story import Folder, check, run, run_json
from news_story import ZLIB, SINCE, decide, edit, feeds
from pains_story import cpe, judged, nvd, node, named, one, osv, purl, since
from triage_story import KERNEL, SAMPLE, finding_in, item, sample


def next_sbom(folder, release, change=None):
    """The sample's SBOM made anew, with other references, for a release."""
    with open(os.path.join(SAMPLE, "sbom-comm-2.0.3.cdx.json"), encoding="utf-8") as f:
        bom = json.load(f)
    bom["serialNumber"] = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b82"
    bom.pop("dependencies", None)
    for i, c in enumerate(bom["components"]):
        c["bom-ref"] = f"made-anew-{i}"
    path = os.path.join(folder, f"{release}.cdx.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(bom, f)
    run("-C", folder, "--as", "ines", "import", "sbom", path, "--device", "sorrel-p1", "--version", release, "--element", "P3")


def story_dependency_track_2183_a_new_sbom_keeps_what_was_decided():
    with Folder() as folder:
        env = sample(folder)
        vex = decide(folder, env, KERNEL, "--scope", "product")[0]
        next_sbom(folder, "REL-194")
        kept = finding_in(folder, KERNEL, "REL-194")
        check(kept["decision"] == vex and kept["status"] == "not_affected", f"the decision is lost: {kept}")


def story_dependency_track_4462_other_references_are_the_same_component():
    with Folder() as folder:
        env = sample(folder)
        decide(folder, env, KERNEL)
        before = item(folder, KERNEL)["findings"]
        next_sbom(folder, "REL-203")
        check(item(folder, KERNEL)["findings"] == before, "the same release with new references is decided again")


def story_osv_dev_5587_records_that_only_got_a_new_date_wake_nobody():
    with Folder() as folder:
        sample(folder)
        before = {i["vulnerability"]: (i["need"], [f["state"] for f in i["findings"]]) for i in run_json("-C", folder, "triage", "list", "--all")["items"]}

        def touch(path):
            for name in os.listdir(path):
                if name.endswith(".json") and name != "kev.json":
                    file = os.path.join(path, name)
                    with open(file, encoding="utf-8") as f:
                        a = json.load(f)
                    if isinstance(a, dict) and "modified" in a:
                        a["modified"] = "2026-11-20T00:00:00Z"
                    with open(file, "w", encoding="utf-8") as f:
                        json.dump(a, f)
        feeds(folder, touch)
        after = {i["vulnerability"]: (i["need"], [f["state"] for f in i["findings"]]) for i in run_json("-C", folder, "triage", "list", "--all")["items"]}
        check(before == after, "a new date alone asks for a new look")


def story_osv_dev_3426_what_comes_back_is_known_again():
    with Folder() as folder:
        sample(folder)
        feeds(folder, lambda path: edit(path, ZLIB, lambda a: a.update(withdrawn="2026-11-01T00:00:00Z")))
        check(any("no longer" in t for f in item(folder, ZLIB)["findings"] for t in f["triggers"]), "the retraction is not told")
        news = os.path.join(folder, "news")
        edit(news, ZLIB, lambda a: a.pop("withdrawn"))
        snapshot = os.path.join(folder, "back.snap")
        run("feed", "build", "--out", snapshot, news)
        run("-C", folder, "--as", "ines", "feed", "activate", snapshot)
        held = [h for h in run_json("-C", folder, "cve", ZLIB)["held"] if h["release"] == "REL-203"]
        check(held and held[0]["outcome"] == "affected" and held[0]["finding"], f"it does not come back to its finding: {held}")


def story_deputy_113_what_cannot_be_reached_is_not_hidden():
    with Folder() as folder:
        sample(folder)
        run("-C", folder, "--as", "ines", "triage", "decide", KERNEL, "--status", "under_investigation", "--reachable", "no",
            "--reason", "The code does not seem to be called")
        still = item(folder, KERNEL)
        check(still["need"] == "Needs a decision" and still["findings"], f"it went out of sight: {still['need']}")


def story_grype_1589_a_statement_without_qualifiers_is_no_silent_nothing():
    with Folder() as folder:
        sample(folder)
        parts = [("pkg:generic/zlib@1.2.11", ZLIB), ("pkg:generic/zlib", ZLIB), ("pkg:generic/zlib@9", ZLIB),
                 ("pkg:generic/zlib?arch=riscv", ZLIB), ("pkg:generic/zlib", "CVE-1999-0001"), ("", ZLIB)]
        doc = {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:x", "author": "S", "timestamp": "2026-01-01T00:00:00Z", "version": 1,
               "statements": [{"vulnerability": {"name": v}, "products": [{"@id": p}], "status": "not_affected",
                               "justification": "vulnerable_code_not_present"} for p, v in parts]}
        path = os.path.join(folder, "s.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(doc, f)
        said = run_json("-C", folder, "vex", "import", path, "--dry-run")
        check(said["matched"] >= 2, f"{said}")
        missed = {(m["product"], m["vulnerability"]): m["why"] for m in said["matched_nothing"]}
        check(len(missed) >= 3 and all(missed.values()) and said["unmatched"] + said["left_out"] >= 3, f"what matched nothing is not told: {said}")


def story_dependency_track_7076_a_supplier_may_write_cyclonedx_xml():
    with Folder() as folder:
        sample(folder)
        path = os.path.join(folder, "supplier.xml")
        with open(path, "w", encoding="utf-8") as f:
            f.write('<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"><metadata><supplier><name>Kernel Supplier Ltd'
                    '</name></supplier></metadata><components><component type="library" bom-ref="z"><name>zlib</name><version>1.2.11</version>'
                    f'<purl>pkg:generic/zlib@1.2.11</purl></component></components><vulnerabilities><vulnerability><id>{ZLIB}</id><analysis><state>'
                    'not_affected</state><justification>code_not_reachable</justification><detail>Not called</detail></analysis><affects><target>'
                    '<ref>z</ref></target></affects></vulnerability></vulnerabilities></bom>')
        done = run_json("-C", folder, "--as", "ines", "vex", "import", path)
        check(done["matched"] == 1 and len(done["proposals"]) == 1, f"{done}")
        told = run_json("-C", folder, "show", done["proposals"][0])
        check("Kernel Supplier Ltd" in told["fields"]["source"] and told["state"] == "under_investigation", f"{told}")


def story_dependency_track_869_one_answer_for_every_device_and_release():
    with Folder() as folder:
        sample(folder)
        said = run_json("-C", folder, "cve", KERNEL)
        check({h["release"] for h in said["held"]} >= {"REL-203"} and all(h["product"] and h["units"] >= 0 for h in said["held"]), f"{said['held']}")
        check(said["answer"].startswith("Yes: "), said["answer"])


def story_dependency_track_3108_the_end_of_support_is_asked_for():
    with Folder() as folder:
        sample(folder)
        table = run("-C", folder, "sbom", "table", "SBM-0001").stdout
        check("actively_maintained" in table and "2034-12-31" in table, table[:500])


def story_vunnel_1296_what_nvd_no_longer_analyses_is_found_by_others():
    bare = {"cve": {"id": "CVE-2024-0001", "lastModified": "2024-01-01T00:00:00.000", "vulnStatus": "Deferred"}}
    data = [bare, osv("GHSA-1", "npm", "left", *since("0"), aliases=["CVE-2024-0001"])]
    check(one(data, purl("pkg:npm/left@1.0.0"))[0][:2] == ("CVE-2024-0001", "affected"), "the entry without configurations hides it")


def story_dependency_track_6113_hardware_is_a_component():
    data = [nvd("CVE-2024-0001", node(cpe("acme", "radio", "-", True, "h")))]
    got = one(data, named("radio", "-", part="h"))
    check(got and got[0][1] in ("affected", "uncertain"), f"{got}")


def story_artifact_keeper_169_old_advisories_are_told_and_can_fail():
    with Folder() as folder:
        sample(folder)
        said = run("-C", folder, "scan", "--device", "sorrel-p1", "--version", "REL-203").stderr
        check("days old" in said or " d old" in said, said)
        check("WARNING" in said and "feed update" in said and "records, newest" in said, said)
        run("-C", folder, "scan", "--device", "sorrel-p1", "--version", "REL-203", "--max-feed-age", "1", "--quiet", code=7)
        run("-C", folder, "scan", "--device", "sorrel-p1", "--version", "REL-203", "--fail-on", "not-assessable", "--quiet", code=1)
