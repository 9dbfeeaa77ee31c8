"""What goes out is what its format asks for: judged by the format's own schema, which Proofline has no part in."""
import json
import os
import re
import xml.etree.ElementTree

from story import Folder, check, run
from triage_story import sample

DATA = os.environ.get("PROOFLINE_DATA", "")
SCAN = ("sarif", "cyclonedx", "junit", "gitlab", "openvex")
VEX = ("openvex", "cyclonedx", "cyclonedx-vdr", "csaf")
SCHEMAS = {"sarif": "evid/sarif-spec/sarif-2.1/schema/sarif-schema-2.1.0.json",
           "openvex": "vex/openvex-spec/openvex_json_schema.json",
           "csaf": "adv/csaf-oasis/csaf_2.0/json_schema/csaf_json_schema.json",
           "cyclonedx": "sbom/cyclonedx-spec/schema/bom-1.6.schema.json",
           "cyclonedx-vdr": "sbom/cyclonedx-spec/schema/bom-1.6.schema.json"}


def read(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def validator(name):
    """Of the schema, with the schemas that it refers to beside it."""
    import jsonschema
    path = os.path.join(DATA, SCHEMAS[name])
    schema, store = read(path), {}
    for folder in (os.path.dirname(path), os.path.join(DATA, "adv/csaf-oasis/csaf_2.0/referenced_schema/first")):
        for leaf in os.listdir(folder):
            if not leaf.endswith(".json"):
                continue
            other = read(os.path.join(folder, leaf))
            for key in (other.get("$id"), other.get("id"), leaf, "http://cyclonedx.org/schema/" + leaf):
                if key:
                    store[key] = other
    store["https://www.first.org/cvss/cvss-v3.0.json"] = store.get("https://www.first.org/cvss/cvss-v3.0.json", {})
    kind = jsonschema.validators.validator_for(schema)
    return kind(schema, resolver=jsonschema.RefResolver(schema.get("$id", ""), schema, store=store),
                format_checker=jsonschema.FormatChecker())


def judge(name, document, what):
    errors = [f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in validator(name).iter_errors(document)]
    check(not errors, f"{what}: {errors[:3]}")


def lacking(folder):
    """What is not here to judge by schemas with; None when all is."""
    if not DATA or not os.path.isdir(os.path.join(DATA, folder)):
        return "PROOFLINE_DATA names no folder with the schemas"
    try:
        import jsonschema  # noqa: F401
    except ImportError:
        return "no jsonschema for Python on this machine"
    return None


def story_every_output_fits_the_schema_of_its_format():
    if lacks := lacking("evid/sarif-spec"):
        return lacks
    with Folder() as folder:
        sample(folder)
        for scope in (["--device", "sorrel-p1", "--version", "REL-203"], ["--device", "sorrel-p1"]):
            for name in SCAN:
                text = run("-C", folder, "scan", *scope, "-o", name, "--quiet").stdout
                if name in SCHEMAS:
                    judge(name, json.loads(text), f"scan {scope} as {name}")
            for name in VEX:
                document = json.loads(run("-C", folder, "vex", "export", *scope, "--format", name).stdout)
                judge(name, document, f"vex {scope} as {name}")


def story_junit_and_gitlab_have_what_their_readers_need():
    with Folder() as folder:
        sample(folder)
        ask = ["-C", folder, "scan", "--device", "sorrel-p1", "--quiet", "-o"]
        suites = xml.etree.ElementTree.fromstring(run(*ask, "junit").stdout)
        check(suites.tag == "testsuites" and [s.tag for s in suites] == ["testsuite"], "JUnit: the root")
        suite = suites[0]
        cases = suite.findall("testcase")
        counted = {k: sum(1 for c in cases if c.find(k) is not None) for k in ("failure", "error")}
        check(int(suite.get("tests")) == len(cases) and int(suite.get("failures")) == counted["failure"] > 0 and
              int(suite.get("errors")) == counted["error"], f"JUnit counts {suite.attrib}, there are {len(cases)} {counted}")
        check(all(c.get("name") and c.get("classname") for c in cases), "a case without a name")
        names = {p.get("name"): p.get("value") for p in suite.find("properties")}
        check({"snapshot", "snapshot-newest", "snapshot-sources"} <= set(names) and "OSV" in names["snapshot-sources"], f"JUnit: {names}")
        lab = json.loads(run(*ask, "gitlab").stdout)
        check(re.fullmatch(r"1[45]\.\d+\.\d+", lab["version"]) and lab["scan"]["type"] == "dependency_scanning" and
              lab["scan"]["status"] == "success", f"GitLab: {lab['scan']}")
        for key in ("start_time", "end_time"):
            check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", lab["scan"][key]), key)
        for tool in ("analyzer", "scanner"):
            check(all(lab["scan"][tool].get(k) for k in ("id", "name", "version", "vendor")), tool)
        ids = [v["id"] for v in lab["vulnerabilities"]]
        check(ids and len(ids) == len(set(ids)), "GitLab wants each id once")
        for v in lab["vulnerabilities"]:
            check(v["severity"] in ("Unknown", "Info", "Low", "Medium", "High", "Critical") and v["identifiers"] and
                  v["location"]["file"] and v["location"]["dependency"]["package"]["name"], f"GitLab: {v}")
        check("OSV" in json.dumps(lab["scan"]["messages"]), "GitLab is not told the sources")


def story_who_publishes_is_told_or_nothing_is_written():
    with Folder() as folder:
        sample(folder)
        ask = ["-C", folder, "vex", "export", "--device", "sorrel-p1", "--version", "REL-203", "--format"]
        whole = json.loads(run(*ask, "csaf").stdout)
        check(all(list(v) == sorted(v) for v in whole["vulnerabilities"]), "members of a vulnerability are not in their order (6.2.13)")
        csaf = whole["document"]["publisher"]
        check(csaf == {"category": "vendor", "name": "Halden Medical Devices", "namespace": "https://halden.example"}, f"{csaf}")
        for bad in ("", "halden.example", "http://halden.example", "https://", "https://halden", "https://a b.example"):
            out = run(*ask, "csaf", "--set", f"publisher_namespace={bad}", code=3)
            check("publisher_namespace" in out.stderr and not out.stdout, f"{bad}: {out.stderr}")
        run(*ask, "csaf", "--set", "publisher_category=boss", code=3)
        run(*ask, "openvex", "--set", "publisher_namespace=")
        for name in VEX:
            out = run(*ask, name, "--set", "company=", "--set", "publisher_name=", code=3)
            check("publisher_name" in out.stderr, out.stderr)
            said = run(*ask, name, "--set", "publisher_name=Maker \"Ltd\"").stdout
            check('Maker \\"Ltd\\"' in said and ".example/" not in said, f"{name}: another publisher")
