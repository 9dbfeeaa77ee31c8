#!/usr/bin/env python3
"""Pages while a large SBOM is imported, beside the same pages of the same server before: test/bench/import_pages.py BUILD [COMPONENTS]

Prints a line for each page as the other benchmarks do: row, what, ours, unit, baseline, its figure.  Both are the 95th of a
hundred: the time of which all but a twentieth of the answers were faster."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "story"))
import story
from story import Folder, Server, Visitor

PAGES = ("/d/sorrel-p1", "/list/threat", "/findings", "/r/T-001", "/feeds")
ROUNDS, LONGEST_S = 60, 120


def components(n):
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
        {"type": "library", "bom-ref": f"r{i}", "name": f"bench-c{i}", "version": "1.0.0", "purl": f"pkg:npm/bench-c{i}@1.0.0"}
        for i in range(n)]}).encode()


def ask(visitor, times):
    for page in PAGES:
        began = time.monotonic()
        visitor.open(page)
        times[page].append(time.monotonic() - began)
        if visitor.status != 200:
            raise OSError(f"{page}: {visitor.status}")


def most(times):
    return sorted(times)[len(times) * 95 // 100] * 1e3


def main():
    story.PROGRAM = os.path.abspath(os.path.join(sys.argv[1], "src/app/proofline"))
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 200000
    idle, busy = {p: [] for p in PAGES}, {p: [] for p in PAGES}
    with Folder() as folder, Server("demo", "--port", "0", "--keep", os.path.join(folder, "data")) as server:
        ines = Visitor(server).sign_in("ines")
        ask(ines, {p: [] for p in PAGES})
        for _ in range(ROUNDS):
            ask(ines, idle)
        ines.open("/d/sorrel-p1/sbom")
        ines.upload("/d/sorrel-p1/sbom", "large.cdx.json", components(n), {"csrf": ines.csrf(), "release": "", "element": "", "columns": ""})
        job, began = ines.url[len(server.url):], time.monotonic()
        while 'http-equiv="refresh"' in ines.page:
            ask(ines, busy)
            ines.open(job)
            if time.monotonic() - began > LONGEST_S:
                raise OSError("the import does not end")
        if "components were stored" not in ines.page:
            raise OSError(f"the import failed: {ines.page[-1800:]}")
        took = time.monotonic() - began
    for page in PAGES:
        print("row", f"page {page} while {n:,} components are imported, p95", f"{most(busy[page]):.2f}", "ms", "the same before", f"{most(idle[page]):.2f}", sep="\t")
    print(f"{len(busy[PAGES[0]])} rounds in {took:.1f} s", file=sys.stderr)


main()
