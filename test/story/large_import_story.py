"""A large SBOM is imported while others work: their pages are answered, and the import arrives whole."""
import json
import os
import subprocess
import time

import story
from story import Folder, Server, Visitor, check, run, run_json

COMPONENTS = 20000


def story_pages_are_answered_during_a_large_import():
    with Folder() as folder:
        data, path = os.path.join(folder, "data"), os.path.join(folder, "large.cdx.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
                {"type": "library", "bom-ref": f"r{i}", "name": f"c{i}", "version": "1.0.0", "purl": f"pkg:npm/large-c{i}@1.0.0"}
                for i in range(COMPONENTS)]}, f)
        with Server("demo", "--port", "0", "--keep", data) as server:
            ines = Visitor(server).sign_in("ines")
            importing = subprocess.Popen([story.PROGRAM, "-C", data, "--as", "ines", "import", "sbom", path, "--device", "sorrel-p1",
                                          "--reason", "A large one", "-o", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            answered = 0
            while importing.poll() is None:
                for page in ("/", "/list/threat"):
                    ines.open(page)
                    check(ines.status == 200, f"{page}: {ines.status} while an import runs")
                    answered += 1
            out, err = importing.communicate()
            check(importing.returncode == 0, f"import: {importing.returncode} {err[-500:]}")
            done = json.loads(out)
            check(done["components"] == COMPONENTS and answered > 0, f"{done}, {answered} pages")
            check(done["sbom"] in run("-C", data, "sboms").stdout, "it is not in the list")
            again = run_json("-C", data, "--as", "ines", "import", "sbom", path, "--device", "sorrel-p1")
            check(again["already"] and again["sbom"] == done["sbom"], f"the same file again: {again}")


def story_an_upload_larger_than_the_database_log_was():
    """So many rows in one transaction that the index of the database's log grows: whoever reads beside it sees it grow."""
    with Folder() as folder:
        data = os.path.join(folder, "data")
        body = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
            {"type": "library", "bom-ref": f"r{i}", "name": f"c{i}", "version": "1.0.0", "purl": f"pkg:npm/grown-c{i}@1.0.0"}
            for i in range(100000)]}).encode()
        with Server("demo", "--port", "0", "--keep", data) as server:
            ines = Visitor(server).sign_in("ines")
            ines.open("/d/sorrel-p1/sbom")
            ines.upload("/d/sorrel-p1/sbom", "grown.cdx.json", body, {"csrf": ines.csrf(), "release": "", "element": "", "columns": ""})
            job = ines.url[len(server.url):]
            check(job.startswith("/jobs/"), f"no job: {ines.url}")
            for _ in range(1200):
                if 'http-equiv="refresh"' not in ines.page:
                    break
                time.sleep(0.1)
                ines.open(job)
            check("100,000 components were stored" in ines.page, ines.page[-1500:])
            check(os.path.getsize(os.path.join(data, "proofline.db-shm")) > 1 << 15, "the index did not grow: this story proves nothing")
