#!/usr/bin/env python3
"""CycloneDX's samples, changed in one place each, judged by the published schemas and by Proofline.  usage: schema.py BUILD [EVERY]

Wrong is what the schema accepts and Proofline finds an error in, unless it is among the ALLOWED.  What the schema refuses and Proofline does not is
counted, by the part that it lies in.  Needs PROOFLINE_DATA, xmllint for XML and python3-jsonschema for JSON; EVERY takes each n-th change only."""
import collections
import concurrent.futures
import copy
import datetime
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

try:
    import jsonschema
    import referencing.jsonschema
except ImportError:
    jsonschema = None

SPACE = "http://cyclonedx.org/schema/bom/"
PROGRAM = os.path.join(sys.argv[1], "src/app/proofline")
EVERY = int(sys.argv[2]) if len(sys.argv) > 2 else 1
SPEC = os.path.join(os.environ.get("PROOFLINE_DATA", ""), "sbom/cyclonedx-spec")
# What no JSON schema says, but the text of the specification does: a name stands once; a hash is as long as its algorithm makes it.
# And what a schema forgot to say: that an entry of a vulnerability's references is an object.
ALLOWED = [r'^"references" must be an object', r"^the bom-ref .* stands twice", r"^this is not a .* hash"]
MOST_UNSEEN = 0.05


# ---- XML --------------------------------------------------------------------------------------------------------------

def xml_changes(root, space):
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
            if at and parent[at - 1].tag != e.tag:
                parent[at - 1], parent[at] = e, parent[at - 1]
                yield "before its neighbour", path
                parent[at - 1], parent[at] = parent[at], e
            tag, text, inner = e.tag, e.text, list(e)
            e.tag = space + "bogus"
            yield "renamed", path
            e.tag, e.text = tag, "bogus text!"
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


def xml_accepted(files, schema):
    """The files that the schema accepts."""
    good = set()
    for i in range(0, len(files), 400):
        out = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", schema, *files[i:i + 400]], capture_output=True, text=True, check=False).stderr
        good |= {line[:-len(" validates")] for line in out.splitlines() if line.endswith(" validates")}
    return good


class Xml:
    name, versions, ending = "XML", range(8), "xml"

    def __init__(self, folder):
        self.folder = folder
        for schema in glob.glob(os.path.join(SPEC, "schema/*.xsd")):
            text = open(schema, encoding="utf-8").read()
            with open(os.path.join(folder, os.path.basename(schema)), "w", encoding="utf-8") as f:
                f.write(re.sub(r'schemaLocation="[^"]*spdx[^"]*"', 'schemaLocation="spdx.xsd"', text))

    def mutants(self, sample, version):
        ET.register_namespace("", SPACE + version)
        tree = ET.parse(sample)
        for change, path in xml_changes(tree.getroot(), "{" + SPACE + version + "}"):
            yield change, path, lambda name: tree.write(name, encoding="utf-8", xml_declaration=True)

    def accepted(self, files, version):
        return xml_accepted(files, os.path.join(self.folder, f"bom-{version}.xsd"))


# ---- JSON -------------------------------------------------------------------------------------------------------------

def json_changes(value, path):
    """The same of JSON: of an object's members and an array's items."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        here, old, name = path + [key], value[key], key if isinstance(key, str) else "#"
        where = path + [name]
        for change, other in (("a number", 7.5), ("text", "bogus text!"), ("empty text", ""), ("an object", {"bogus": 1}), ("a list", [1]),
                              ("emptied", type(old)()), ("true", True)):
            if other != old or type(other) is not type(old):
                value[key] = other
                yield change, where
        value[key] = old
        if isinstance(value, list):
            del value[key]
            yield "deleted", where
            value.insert(key, old)
            value.append(copy.deepcopy(old))
            yield "twice", where
            value.pop()
        else:
            order = dict(value)
            del value[key]
            yield "deleted", where
            value["bogus"] = old
            yield "renamed", where
            value.clear()
            value.update(order)
        if isinstance(old, (dict, list)):
            yield from json_changes(old, where if isinstance(key, str) else path + [name])


def is_time(value):
    if not isinstance(value, str):
        return True
    try:
        datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        return "T" in value
    except ValueError:
        return False


class Json:
    name, versions, ending = "JSON", range(2, 8), "json"

    def __init__(self, folder):
        self.folder = folder
        registry = referencing.Registry()
        for path in glob.glob(os.path.join(SPEC, "schema/*.json")):
            made = referencing.jsonschema.DRAFT7.create_resource(json.load(open(path, encoding="utf-8")))
            registry = registry.with_resource(SPACE[:-len("bom/")] + os.path.basename(path), made)
        checker = jsonschema.FormatChecker(formats=["date"])
        checker.checks("date-time")(is_time)
        checker.checks("uri")(lambda value: not isinstance(value, str) or bool(re.match(r"[a-zA-Z][-+.a-zA-Z0-9]+:\S+$", value)))
        self.validator = {}
        for n in self.versions:
            name = f"bom-1.{n}-strict.schema.json" if n < 4 else f"bom-1.{n}.schema.json"
            schema = json.load(open(os.path.join(SPEC, "schema", name), encoding="utf-8"))
            self.validator[f"1.{n}"] = jsonschema.Draft7Validator(schema, registry=registry, format_checker=checker)

    def mutants(self, sample, version):
        document = json.load(open(sample, encoding="utf-8"))
        for change, path in json_changes(document, []):
            if path[0] not in ("bomFormat", "specVersion", "$schema"):
                yield change, path, lambda name: json.dump(document, open(name, "w", encoding="utf-8"))

    def accepted(self, files, version):
        return {f for f in files if self.validator[version].is_valid(json.load(open(f, encoding="utf-8")))}


# ---- both -------------------------------------------------------------------------------------------------------------

def by_us(path):
    """Errors, and among them the warnings about members that the older JSON schemas have a strict and a lax form for."""
    out = subprocess.run([PROGRAM, "import", "sbom", path, "--check", "-o", "json"], capture_output=True, text=True, check=False).stdout
    said = json.loads(out)
    return [p["what"] for p in said["problems"] if p["level"] == "error"], [p["what"] for p in said["problems"] if "is not a member" in p["what"]]


def written(kind, version, folder):
    """One file for each kind of change at each kind of place: its name, and what was changed."""
    seen, places = set(), {}
    for sample in sorted(glob.glob(os.path.join(SPEC, version, "valid-*." + kind.ending))):
        for change, path, write in kind.mutants(sample, version):
            key = (change, *path[-3:])
            if key in seen:
                continue
            seen.add(key)
            if len(seen) % EVERY == 0:
                name = os.path.join(folder, f"{version}-{len(seen)}.{kind.ending}")
                write(name)
                places[name] = f"{os.path.basename(sample)}: {'/'.join(path)} {change}"
    return places


def campaign(kind, folder, pool):
    counts, wrong, unseen = collections.Counter(), [], []
    for version in (f"1.{n}" for n in kind.versions):
        places = written(kind, version, folder)
        good = kind.accepted(list(places), version)
        for name, (errors, strict) in zip(places, pool.map(by_us, places)):
            if name in good:
                errors = [e for e in errors if not any(re.search(a, e) for a in ALLOWED)]
            else:
                errors = errors + strict
            counts[name in good, bool(errors)] += 1
            if name in good and errors:
                wrong.append(f"{places[name]}: {errors[0]}")
            if name not in good and not errors:
                unseen.append(places[name])
    bad = counts[False, True] + counts[False, False]
    print("\n".join(wrong[:40] + ["not seen: " + u for u in unseen[:int(os.environ.get("SCHEMA_UNSEEN", "0"))]]))
    print(f"{kind.name}: {counts.total()} changes: {counts.total() - bad} that the schema accepts, {len(wrong)} of them refused; "
          f"{counts[False, True]} of {bad} that it refuses are found")
    return wrong or not bad or len(unseen) > bad * MOST_UNSEEN


def main():
    kinds = [k for k, there in ((Xml, shutil.which("xmllint")), (Json, jsonschema)) if there and os.path.isdir(SPEC)]
    if len(kinds) < 2:
        print(f"skipped: {2 - len(kinds)} of XML and JSON: needs PROOFLINE_DATA, xmllint and python3-jsonschema")
    failed = False
    with tempfile.TemporaryDirectory(prefix="proofline-schema-") as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for kind in kinds:
            failed = campaign(kind(folder), folder, pool) or failed
    return 1 if failed else 0


sys.exit(main())
