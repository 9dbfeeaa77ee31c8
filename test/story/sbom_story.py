"""An SBOM out again, compared, and brought in by a page while others work."""
import csv
import io
import json
import os
import time

from story import Folder, Server, Visitor, check, run, run_json
from triage_story import SAMPLE, sample

COMPONENTS = 9000


def story_every_format_goes_out_and_comes_in_again():
    with Folder() as folder:
        data = os.path.join(folder, "data")
        with Server("demo", "--port", "0", "--keep", data) as server:
            ines = Visitor(server).sign_in("ines")
            for name in ("cyclonedx-1.4", "cyclonedx-1.5", "cyclonedx-1.6", "cyclonedx-1.7", "spdx-2.3", "csv", "html", "original"):
                ines.open(f"/sbom/SBM-0001/file/{name}")
                check(ines.status == 200, f"{name}: {ines.status}")
            ines.open("/sbom/SBM-0001/file/nonsense")
            check(ines.status == 400, f"an unknown format: {ines.status}")
            for page in ("/sbom/SBM-0001", "/sbom/SBM-0001/changes", "/sbom/SBM-0002/changes?from=SBM-0001"):
                ines.open(page)
                check(ines.status == 200, f"{page}: {ines.status}")
        want = len(run_json("-C", data, "sbom", "table", "SBM-0001"))
        for name in ("cyclonedx-1.4", "cyclonedx-1.7", "spdx-2.3"):
            path = os.path.join(folder, name + ".json")
            run("-C", data, "sbom", "export", "SBM-0001", "--format", name, "--out", path)
            got = run_json("import", "sbom", path, "--check")
            wrong = [p for p in got["problems"] if p["level"] == "error"]
            listed = got["components"] - (name == "spdx-2.3")      # the subject is a package there
            check(not wrong and listed == want, f"{name}: {listed} of {want} components, {wrong[:3]}")
            check(got["elements"]["fda"]["support_end"]["present"] >= want, f"{name}: ends of support were lost")
        run("-C", data, "sbom", "export", "SBM-0001", "--format", "csv", "--out", os.path.join(folder, "t.csv"))
        with open(os.path.join(folder, "t.csv"), encoding="utf-8-sig") as f:
            check(len(list(csv.reader(io.StringIO(f.read())))) == want + 1, "the support table lost rows")
        check(run_json("import", "sbom", os.path.join(folder, "t.csv"), "--check")["components"] == want, "the support table is no table of components")
        check(run_json("-C", data, "sbom", "diff", "SBM-0001", "SBM-0001") == [], "an SBOM differs from itself")


def story_what_is_listed_is_json_when_asked():
    with Folder() as folder:
        data = os.path.join(folder, "data")
        with Server("demo", "--port", "0", "--keep", data):
            pass
        for words in ("sboms", "sbom table SBM-0001", "sbom check SBM-0001", "sbom diff SBM-0001 SBM-0002", "user list", "duty list", "token list",
                      "list threat", "log", "config", "feed list", "feed history", "triage list", "cve CVE-2022-0847", "check --fail-on none"):
            try:
                run_json("-C", data, "--as", "ines", *words.split())
            except json.JSONDecodeError as e:
                check(False, f"{words} -o json: {e}")


def story_an_sbom_hangs_on_a_product_that_is_there():
    with Folder() as folder:
        sample(folder)
        path = os.path.join(SAMPLE, "sbom-comm-2.0.3.cdx.json")
        said = run("-C", folder, "--as", "ines", "import", "sbom", path, "--device", "sorrel-p2", code=5).stderr
        check("sorrel-p1 is the nearest" in said, said)
        check("not a product" in run("-C", folder, "--as", "ines", "import", "sbom", path, "--device", "T-001", code=3).stderr, "a threat has an SBOM")


def story_a_large_upload_runs_beside_the_pages():
    with Folder() as folder:
        data = os.path.join(folder, "data")
        body = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
            {"type": "library", "bom-ref": f"r{i}", "name": f"large-c{i}", "version": "1.0.0", "description": "x" * 60,
             "purl": f"pkg:npm/large-c{i}@1.0.0"} for i in range(COMPONENTS)]}).encode()
        with Server("demo", "--port", "0", "--keep", data) as server:
            ines = Visitor(server).sign_in("ines")
            ines.open("/d/sorrel-p1/sbom")
            fields = {"csrf": ines.csrf(), "release": "", "element": "", "columns": ""}
            ines.upload("/d/sorrel-p1/sbom", "large.cdx.json", body, fields)
            check("/jobs/" in ines.url, f"no job: {ines.status} {ines.url}")
            job, end = "/jobs/" + ines.url.split("/jobs/")[1], time.time() + 100
            while "http-equiv" in ines.page and time.time() < end:
                ines.open("/")
                check(ines.status == 200, f"/: {ines.status} during the import")
                time.sleep(0.3)
                ines.open(job)
            check("9,000 components" in ines.page or "9 000 components" in ines.page or "9000 components" in ines.page, ines.page[-1500:])
            ines.open("/jobs/0123456789abcdef")
            check(ines.status == 404, f"an unknown job: {ines.status}")
            ines.open("/jobs/..%2f..%2fsecret.key")
            check(ines.status in (400, 404), f"a path as a job: {ines.status}")
            ines.open("/d/sorrel-p1/sbom")
            ines.upload("/d/sorrel-p1/sbom", "bad.json", body[:-200], {**fields, "csrf": ines.csrf()})
            job, end = "/jobs/" + ines.url.split("/jobs/")[1], time.time() + 60
            while "http-equiv" in ines.page and time.time() < end:
                time.sleep(0.3)
                ines.open(job)
            check("cut off" in ines.page and "Not imported" in ines.page, ines.page[-1500:])
