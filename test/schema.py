#!/usr/bin/env python3
"""CycloneDX's XML samples, changed in one place each, judged by the published schema and by Proofline.  usage: schema.py BUILD [EVERY]

Wrong is what the schema accepts and Proofline finds an error in, unless it is among the ALLOWED.  What the schema refuses and Proofline does not is
counted, by the outermost part that it lies in.  Needs xmllint and PROOFLINE_DATA; EVERY takes each n-th change only."""
import collections
import concurrent.futures
import copy
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

SPACE = "http://cyclonedx.org/schema/bom/"
# The schema lets some single elements stand twice and some words be empty, which says nothing that could be read.
ALLOWED = [r'"(email|phone|name|url|id|aggregate)" must be text', r"an organization must be an object", r'"" is not a (scope|completeness)',
           r'must have "(aggregate|classification)"']


def changes(root, space):
    """Makes one change after another, each undone before the next: yields its name and place."""
    def walk(e, path, parent, at):
        if not isinstance(e.tag, str) or not e.tag.startswith(space):
            return
        path = path + [e.tag[len(space):]]
        if parent is not None:
            parent.remove(e)
            yield "deleted", path
            parent.insert(at, e)
            parent.insert(at, copy.deepcopy(e))
            yield "twice", path
            parent.remove(parent[at])
            tag, text, inner = e.tag, e.text, list(e)
            e.tag = space + "bogus"
            yield "renamed", path
            e.tag, e.text = tag, "bogus text!"
            if not inner:
                yield "other text", path
            e.text = None
            for k in inner:
                e.remove(k)
            yield "emptied", path
            e.text = text
            e.extend(inner)
        for name, value in list(e.attrib.items()):
            del e.attrib[name]
            yield "without @" + name, path
            for other in ("", "bogus!"):
                e.attrib[name] = other
                yield f"@{name} is '{other}'", path
            e.attrib[name] = value
        for i, k in enumerate(list(e)):
            yield from walk(k, path, e, i)
    yield from walk(root, [], None, 0)


def by_schema(files, schema):
    """The files that the schema accepts."""
    good = set()
    for i in range(0, len(files), 400):
        out = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", schema, *files[i:i + 400]], capture_output=True, text=True, check=False).stderr
        good |= {line[:-len(" validates")] for line in out.splitlines() if line.endswith(" validates")}
    return good


def by_us(program, path):
    out = subprocess.run([program, "import", "sbom", path, "--check", "-o", "json"], capture_output=True, text=True, check=False).stdout
    return [p["what"] for p in json.loads(out)["problems"] if p["level"] == "error"]


def main():
    data, every = os.environ.get("PROOFLINE_DATA", ""), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    spec = os.path.join(data, "sbom/cyclonedx-spec")
    if not data or not os.path.isdir(spec) or not shutil.which("xmllint"):
        print("skipped: needs PROOFLINE_DATA and xmllint")
        return 0
    program = os.path.join(sys.argv[1], "src/app/proofline")
    counts, wrong, unseen = collections.Counter(), [], collections.Counter()
    with tempfile.TemporaryDirectory(prefix="proofline-schema-") as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for schema in glob.glob(os.path.join(spec, "schema/*.xsd")):
            text = open(schema, encoding="utf-8").read()
            with open(os.path.join(folder, os.path.basename(schema)), "w", encoding="utf-8") as f:
                f.write(re.sub(r'schemaLocation="[^"]*spdx[^"]*"', 'schemaLocation="spdx.xsd"', text))
        for version in (f"1.{n}" for n in range(8)):
            ET.register_namespace("", SPACE + version)
            seen, places = set(), {}
            for sample in sorted(glob.glob(os.path.join(spec, version, "valid-*.xml"))):
                tree = ET.parse(sample)
                for change, path in changes(tree.getroot(), "{" + SPACE + version + "}"):
                    key = (change, *path[-3:])
                    if key in seen:
                        continue
                    seen.add(key)
                    if len(seen) % every:
                        continue
                    name = os.path.join(folder, f"{version}-{len(seen)}.xml")
                    tree.write(name, encoding="utf-8", xml_declaration=True)
                    places[name] = (change, path, os.path.basename(sample))
            good = by_schema(list(places), os.path.join(folder, f"bom-{version}.xsd"))
            for name, errors in zip(places, pool.map(lambda n: by_us(program, n), places)):
                change, path, sample = places[name]
                errors = [e for e in errors if not (name in good and any(re.search(a, e) for a in ALLOWED))]
                counts["good" if name in good else "bad", bool(errors)] += 1
                if name in good and errors:
                    wrong.append(f"{sample}: {'/'.join(path)} {change}: {errors[0]}")
                if name not in good and not errors:
                    unseen["/".join(path[1:3])] += 1
    print("\n".join(wrong[:40]))
    print("not seen:", ", ".join(f"{n} {place}" for place, n in unseen.most_common(12)))
    bad = counts["bad", True] + counts["bad", False]
    print(f"{counts.total()} changes: {counts['good', False] + counts['good', True]} that the schema accepts, {len(wrong)} of them refused; "
          f"{counts['bad', True]} of {bad} that it refuses are found")
    return 1 if wrong or not bad or counts["bad", True] < bad * 0.4 else 0


sys.exit(main())
