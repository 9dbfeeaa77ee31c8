"""Names that advisories write in words: proposed, signed by somebody else, followed and named; never a silent guess."""
import glob
import json
import os
import shutil

from story import Folder, check, run, run_json
from triage_story import SAMPLE, sample

DATA = os.environ.get("PROOFLINE_DATA", "")


def csaf(number, vendor, product, versions, cve):
    """As CISA writes medical advisories: names in branches, a range in words, no package URL, no CPE."""
    return {"document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": product,
                         "publisher": {"category": "coordinator", "name": "An agency", "namespace": "https://agency.example"},
                         "tracking": {"id": number, "status": "final", "version": "1", "initial_release_date": "2026-03-01T00:00:00Z",
                                      "current_release_date": "2026-03-01T00:00:00Z", "revision_history": []}},
            "product_tree": {"branches": [{"category": "vendor", "name": vendor, "branches": [
                {"category": "product_name", "name": product, "branches": [
                    {"category": "product_version_range", "name": versions, "product": {"name": f"{product} {versions}", "product_id": "P1"}}]}]}]},
            "vulnerabilities": [{"cve": cve, "product_status": {"known_affected": ["P1"]}}]}


def put(folder, name, value):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        json.dump(value, f)
    return path


def build(snap, folder):
    """With what the sample has: a snapshot with less would be refused."""
    run("feed", "build", "--out", snap, folder, *(os.path.join(SAMPLE, name) for name in ("advisories", "epss.csv", "kev.json")))


class Site:
    def __init__(self, folder):
        self.folder, self.env = folder, sample(folder)
        feed = os.path.join(folder, "advisories")
        os.mkdir(feed)
        put(feed, "a.json", csaf("ICSMA-26-001-01", "Acme Medical", "Infusor RTOS", "< 4.2", "CVE-2026-7001"))
        put(feed, "b.json", csaf("ICSMA-26-002-01", "Bergmann", "Watchdog", "<= 3", "CVE-2026-7002"))
        put(feed, "c.json", csaf("ICSMA-26-003-01", "Acme Medical", "Infusor RTOS Bootloader", "< 9", "CVE-2026-7003"))
        snap = os.path.join(folder, "x.snap")
        build(snap, feed)
        bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b70",
               "components": [{"type": "firmware", "name": n, "version": v, "bom-ref": n} for n, v in
                              (("infusor-rtos", "4.1.0"), ("Watchdog", "2.0"), ("Acme Medical Infusor RTOS Bootloader", "8.8"))]}
        self.ines("import", "sbom", put(folder, "bom.json", bom), "--device", "sorrel-p1", "--version", "REL-194", "--element", "P3")
        self.ines("feed", "activate", snap)

    def ines(self, *args, code=0):
        return run("-C", self.folder, "--as", "ines", *args, code=code)

    def names(self):
        return run_json("-C", self.folder, "feed", "names")

    def verdict(self, cve):
        """Outcome and reason of a vulnerability in the inventory."""
        held = run_json("-C", self.folder, "cve", cve)["held"]
        check(len(held) == 1, f"{cve}: {held}")
        return held[0]["outcome"], held[0]["reason"]

    def propose(self, component, product, *more):
        out = self.ines("feed", "names", "propose", component, "--product", product, "--basis", "The supplier's data sheet names it so", *more)
        return out.stdout.split()[0]


def story_a_name_is_a_candidate_until_somebody_else_signs_for_it():
    with Folder() as folder:
        site = Site(folder)
        seen = {(p["component"], p["product"]): p for p in site.names()["proposals"]}
        check(seen[("infusor-rtos", "infusorrtos")]["how"] == "same name" and seen[("infusor-rtos", "infusorrtos")]["vendor"] == "Acme Medical", f"{seen}")
        check(seen[("infusor-rtos", "infusorrtos")]["seen_in"] == "ICSMA-26-001-01", f"{seen}")
        check(seen[("Acme Medical Infusor RTOS Bootloader", "infusorrtosbootloader")]["how"] == "same with the vendor", f"{seen}")
        check(seen[("infusor-rtos", "infusorrtosbootloader")]["how"] == "begins alike", f"{seen}")
        outcome, reason = site.verdict("CVE-2026-7001")
        check(outcome == "uncertain" and "same name in words" in reason, f"a name alone decides: {outcome} {reason}")
        rule = site.propose("infusor-rtos", "Infusor RTOS", "--vendor", "Acme Medical", "--seen-in", "ICSMA-26-001-01")
        check(site.verdict("CVE-2026-7001")[0] == "uncertain", "a proposal is followed before anybody signed it")
        check([p["rule"] for p in site.names()["proposals"] if p["product"] == "infusorrtos"] == [rule], "a waiting rule is not shown")
        run("-C", folder, "--as", "ines", "feed", "names", "accept", rule, code=4, env=site.env)      # who proposed does not approve
        run("-C", folder, "--as", "lena", "feed", "names", "accept", rule, env=site.env)
        outcome, reason = site.verdict("CVE-2026-7001")
        check(outcome == "affected" and f"by name rule {rule}" in reason, f"an approved rule is not followed, or not named: {outcome} {reason}")
        names = site.names()
        check([r["id"] for r in names["rules"] if r["in_force"]] == [rule], f"{names['rules']}")
        check(not any(p["product"] == "infusorrtos" and p["component"] == "infusor-rtos" for p in names["proposals"]), "what is settled is proposed again")
        scan = run_json("-C", folder, "scan", os.path.join(folder, "bom.json"))
        said = {o["id"]: o for c in scan["components"] for o in c["outcomes"]}["CVE-2026-7001"]
        check(said["outcome"] == "affected" and said["tier"] == "B" and said["name_rule"] == rule, f"a scan does not follow the rules: {said}")
        run("-C", folder, "verify", "--all")


def story_another_product_of_that_name_is_said_so_and_not_forgotten():
    with Folder() as folder:
        site = Site(folder)
        check(site.verdict("CVE-2026-7002")[0] == "uncertain", "before")
        rule = site.propose("Watchdog", "Watchdog", "--vendor", "Bergmann", "--different")
        run("-C", folder, "--as", "lena", "feed", "names", "reject", rule, "--reason", "Show the part number of ours")
        check(site.verdict("CVE-2026-7002")[0] == "uncertain", "a rejected rule is followed")
        site.ines("set", rule, "basis=Ours is part 4711, theirs a building alarm", "--reason", "Part number added")
        site.ines("state", rule, "submit")
        run("-C", folder, "--as", "lena", "feed", "names", "accept", rule, env=site.env)
        outcome, reason = site.verdict("CVE-2026-7002")
        check(outcome == "not-affected" and rule in reason and "another product" in reason, f"{outcome} {reason}")
        run("-C", folder, "--as", "lena", "state", rule, "retire", "--reason", "The part is replaced by theirs")
        site.ines("feed", "activate", os.path.join(folder, "x.snap"))
        check(site.verdict("CVE-2026-7002")[0] == "uncertain", "a retired rule is followed")


def story_a_rule_that_says_too_little_is_refused():
    with Folder() as folder:
        site = Site(folder)
        propose = ["feed", "names", "propose"]
        for bad in (["infusor-rtos", "--basis", "x"], ["c", "--product", "Infusor", "--basis", "x"], ["infusor-rtos", "--product", "Infusor"],
                    ["infusor-rtos", "--cpe", "cpe:2.3:a:*:infusor:*:*:*:*:*:*:*:*", "--basis", "x"],
                    ["pkg:generic/infusor@4", "--product", "Infusor", "--basis", "x"], ["infusor-rtos", "--is", "infusor", "--basis", "x"]):
            said = site.ines(*propose, *bad, code=3).stderr
            check(len(said) > 20, f"{bad}: {said}")
        check(not site.names()["rules"], "a refused rule was kept")


def story_medical_advisories_of_cisa_meet_the_inventory_by_name():
    if not DATA:
        return "PROOFLINE_DATA does not name the data folder"
    with Folder() as folder:
        env = sample(folder)
        snap = os.path.join(folder, "x.snap")
        feed = os.path.join(folder, "icsma")
        os.mkdir(feed)
        for path in glob.glob(os.path.join(DATA, "adv/csaf-cisa/OT/white/*/icsma-*.json")):
            shutil.copy(path, feed)
        build(snap, feed)
        names = ("IntelliSpace Cardiovascular", "Centricity PACS Server", "2090 CareLink Programmer")
        bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
               "components": [{"type": "application", "name": n, "version": "2.3.0", "bom-ref": n} for n in names]}
        run("-C", folder, "--as", "ines", "import", "sbom", put(folder, "bom.json", bom), "--device", "sorrel-p1", "--version", "REL-194", "--element", "P3")
        run("-C", folder, "--as", "ines", "feed", "activate", snap)
        listed = run_json("-C", folder, "feed", "names")
        found = {p["component"]: p for p in listed["proposals"] if p["how"] == "same name"}
        check(set(names) <= set(found), f"{sorted(found)}")
        check(all(p["seen_in"].startswith("ICSMA-") for p in found.values()), f"{found}")
        one = found["IntelliSpace Cardiovascular"]                  # whose vendor the advisories spell in two ways: any vendor
        rule = run("-C", folder, "--as", "ines", "feed", "names", "propose", one["component"], "--product", one["product"],
                   "--seen-in", one["seen_in"], "--basis", "The product's own start screen").stdout.split()[0]
        run("-C", folder, "--as", "lena", "feed", "names", "accept", rule, env=env)
        scan = run_json("-C", folder, "scan", os.path.join(folder, "bom.json"))
        said = [o for c in scan["components"] if c["name"] == one["component"] for o in c["outcomes"] if o["id"]]
        check(said and all(o["name_rule"] == rule for o in said), f"{said}")
    return None
