"""An SBOM in, out in every format by that format's own schema, and in again: the same thing, whatever it is written in."""
import json
import os

from formats_story import DATA, SCHEMAS, judge, lacking
from story import Folder, check, run, run_json
from triage_story import sample

OUT = ("cyclonedx-1.4", "cyclonedx-1.5", "cyclonedx-1.6", "cyclonedx-1.7", "spdx-2.3")
SCHEMAS.update({name: f"sbom/cyclonedx-spec/schema/bom-{name[10:]}.schema.json" for name in OUT[:4]})
SCHEMAS["spdx-2.3"] = "sbom/spdx-tools-java/resources/spdx-schema-v2.3.json"
# Real files of several producers: nested, with licences that are no expressions, with supports in words, old and new.
REAL = ("medical/sboms/case-study/narrow.sbom.json", "guac-data/top-dh-sboms/hello-world.json", "guac-testdata/internal/testing/testdata/exampledata/alpine-cyclonedx.json",
        "protobom/test/conformance/testdata/spdx/2.3/json/curl.spdx.json", "cyclonedx-examples/SBOM/laravel-7.12.0/bom.1.1.xml", "sbomqs/spdx3/appbomination.spdx3.json",
        "spdx-tools-golang/examples/sample-docs/tv/SPDXTagExample-v2.3.spdx", "syft-format/syft/format/cyclonedxjson/testdata/identify/micronaut-1.6.json")


def export(folder, sbom, name, path):
    run("-C", folder, "sbom", "export", sbom, "--format", name, "--out", path)
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def bring(folder, path, source):
    out = run("-C", folder, "--as", "ines", "import", "sbom", path, "--device", "sorrel-p1", "--source", source, "--accept-errors", "--reason", "A test")
    return out.stdout.split()[0]


def story_every_sbom_out_fits_the_schema_of_its_format():
    if lacks := lacking("sbom"):
        return lacks
    with Folder() as folder:
        sample(folder)
        ids = ["SBM-0001", "SBM-0007"] + [bring(folder, os.path.join(DATA, "sbom", path), f"real{i}") for i, path in enumerate(REAL)]
        for sbom in ids:
            for name in OUT:
                judge(name, export(folder, sbom, name, os.path.join(folder, "out.json")), f"{sbom} as {name}")


def story_one_thing_in_two_formats_does_not_differ():
    with Folder() as folder:
        sample(folder)
        for sbom in ("SBM-0001", "SBM-0004", "SBM-0007"):
            for name in ("spdx-2.3", "cyclonedx-1.4"):
                path = os.path.join(folder, f"{sbom}-{name}.json")
                export(folder, sbom, name, path)
                other = bring(folder, path, f"{sbom} {name}")
                for pair in ((sbom, other), (other, sbom)):
                    check(run_json("-C", folder, "sbom", "diff", *pair) == [], f"{sbom} and itself as {name} differ")
        with open(os.path.join(folder, "SBM-0001-spdx-2.3.json"), encoding="utf-8") as f:
            document = json.load(f)
        document["packages"][2]["versionInfo"] = "9.9"
        gone = document["packages"].pop()
        changed = os.path.join(folder, "changed.json")
        with open(changed, "w", encoding="utf-8") as f:
            json.dump(document, f)
        rows = run_json("-C", folder, "sbom", "diff", "SBM-0001", bring(folder, changed, "changed"))
        kinds = sorted(r["change"] for r in rows)
        check(kinds == ["removed", "version"], f"one package gone ({gone['name']}), one version: {rows}")
