#!/usr/bin/env python3
"""Advisory sets of full size out of real ones: test/bench/grow.py OUT OSV NVD [DATA]

Writes OUT/osv-N.zip (one advisory per member, as the archives of OSV), OUT/nvdcve-N.json.gz (pages, as the yearly feeds of
NVD) and OUT/sbom.json (1,000 components that these advisories speak of, or nearly).  The first copy of a record is the
record; the others have other ids and speak of other packages and products, by a number at the end of each name.  DATA is a
folder with adv/; without it the records of the sample company are copied."""
import glob
import gzip
import json
import os
import random
import sys
import zipfile
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MARK = "@@"
SETS = ("osv-go", "osv-bitnami", "osv-alma", "osv-pypi-json", "osv-drupal", "osv-ossfuzz-json", "osv-r-json")
ZIP_MEMBERS, PAGE = 100000, 20000
TYPES = {"Go": "golang", "Bitnami": "bitnami", "AlmaLinux": "rpm/almalinux", "PyPI": "pypi", "Packagist": "composer",
         "CRAN": "cran", "npm": "npm", "generic": "generic"}


def records(data):
    """Advisories of OSV and records of NVD: from DATA, else from the sample company."""
    osv, nvd = [], []
    if data and os.path.isdir(os.path.join(data, "adv")):
        for name in SETS:
            for path in sorted(glob.glob(os.path.join(data, "adv", name, "**", "*.json"), recursive=True)):
                osv.append(json.load(open(path, encoding="utf-8")))
        for path in sorted(glob.glob(os.path.join(data, "adv", "nvd20-derived", "*.json.gz"))):
            nvd += json.load(gzip.open(path))["vulnerabilities"]
    else:
        for path in sorted(glob.glob(os.path.join(ROOT, "data", "sorrel", "**", "*.json"), recursive=True)):
            try:
                found = json.load(open(path, encoding="utf-8"))
            except ValueError:
                continue
            for one in found if isinstance(found, list) else [found]:
                if isinstance(one, dict) and "id" in one and "modified" in one and "affected" in one:
                    osv.append(one)
                elif isinstance(one, dict) and str(one.get("format", "")).startswith("NVD"):
                    nvd += one["vulnerabilities"]
    return osv, nvd


def renamed_osv(record):
    record["id"] += MARK
    for key in ("aliases", "related", "upstream"):
        if record.get(key):
            record[key] = [x + MARK for x in record[key]]
    for affected in record.get("affected") or []:
        package = affected.get("package") or {}
        if "name" in package:
            package["name"] += MARK
        package.pop("purl", None)
    return record


def renamed_nvd(record):
    cve = record["cve"]
    cve["id"] += MARK
    for configuration in cve.get("configurations") or []:
        for node in configuration.get("nodes") or []:
            for match in node.get("cpeMatch") or []:
                parts = match["criteria"].split(":")
                if len(parts) > 5 and parts[4] not in "*-":
                    parts[4] += MARK
                    match["criteria"] = ":".join(parts)
    return record


def copies(records, rename, n):
    """n texts: every record once, then every one again under other names."""
    texts = [json.dumps(rename(r), ensure_ascii=False).encode() for r in records]
    for i in range(n):
        copy, mark = i // len(texts), MARK.encode()
        yield texts[i % len(texts)].replace(mark, b"%d" % (1000 + copy) if copy else b"")


def write_osv(out, texts):
    packed = None
    for i, text in enumerate(texts):
        if i % ZIP_MEMBERS == 0:
            packed = zipfile.ZipFile(os.path.join(out, f"osv-{i // ZIP_MEMBERS}.zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        packed.writestr(f"{i:07d}.json", text)
        if i % ZIP_MEMBERS == ZIP_MEMBERS - 1:
            packed.close()
            packed = None
    if packed:
        packed.close()


def write_nvd(out, texts, n):
    for page in range(0, n, PAGE):
        many = min(PAGE, n - page)
        pack = zlib.compressobj(6, zlib.DEFLATED, 31)
        with open(os.path.join(out, f"nvdcve-{page // PAGE:03d}.json.gz"), "wb") as f:
            head = {"resultsPerPage": many, "startIndex": page, "totalResults": n, "format": "NVD_CVE", "version": "2.0"}
            f.write(pack.compress(json.dumps(head)[:-1].encode() + b', "vulnerabilities": ['))
            for i in range(many):
                f.write(pack.compress((b"," if i else b"") + next(texts)))
            f.write(pack.compress(b"]}") + pack.flush())


def packages(osv):
    """Packages that have versions: their ecosystem and name, and the versions that advisories name."""
    found = {}
    for record in osv:
        for affected in record.get("affected") or []:
            package = affected.get("package") or {}
            key = (package.get("ecosystem", ""), package.get("name", ""))
            found.setdefault(key, []).extend(v for r in affected.get("ranges") or [] if r["type"] != "GIT"
                                             for e in r["events"] for v in e.values() if v != "0")
    return sorted((key, versions) for key, versions in found.items() if versions and key[0].partition(":")[0] in TYPES)


def package_url(rng, package, copy, listed):
    (ecosystem, name), versions = package
    base, _, release = ecosystem.partition(":")
    name, version = name + copy + ("" if listed else "-not-listed"), rng.choice(versions)
    distro = f"?distro=almalinux-{release}" if base == "AlmaLinux" else ""
    return {"type": "library", "name": name, "version": version,
            "purl": f"pkg:{TYPES[base]}/{name.replace('@', '%40').lstrip('/')}@{version.replace(':', '%3A')}{distro}"}


def products(nvd):
    found = {}
    for record in nvd:
        for c in record["cve"].get("configurations") or []:
            for m in (m for n in c["nodes"] for m in n["cpeMatch"]):
                parts = m["criteria"].split(":")
                if len(parts) == 13 and parts[4] not in "*-":
                    found.setdefault((parts[3], parts[4]), parts)
    return [found[key] for key in sorted(found)]


def product(rng, parts, copy):
    parts = parts[:]
    parts[4] += copy
    parts[5] = f"{rng.randint(0, 9)}.{rng.randint(0, 30)}.{rng.randint(0, 9)}" if parts[5] in "*-" else parts[5]
    return {"type": "application", "name": parts[4], "version": parts[5], "cpe": ":".join(parts)}


def sbom(osv, nvd, nosv, nnvd, rng):
    """Of ten, seven by package URL, two of them not listed; two by CPE; one by name alone."""
    found, known, named = [], packages(osv), products(nvd)
    while len(found) < 1000:
        kind = len(found) % 10
        if kind < 7 or (kind < 9 and not named):
            copy = rng.randrange(max(1, nosv // len(osv)))
            one = package_url(rng, rng.choice(known), f"{1000 + copy}" if copy else "", kind not in (0, 3))
        elif kind < 9:
            copy = rng.randrange(max(1, nnvd // len(nvd)))
            one = product(rng, rng.choice(named), f"{1000 + copy}" if copy else "")
        else:
            one = {"type": "library", "name": f"in-house-{len(found)}", "version": "1.0"}
        found.append({**one, "bom-ref": f"ref-{len(found)}", "supplier": {"name": f"Supplier {len(found) % 90}"},
                      "licenses": [{"license": {"id": "MIT"}}]})
    edges = [{"ref": f"ref-{i}", "dependsOn": [f"ref-{(i * 7 + 1) % 1000}"]} for i in range(1000)]
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": found, "dependencies": edges}


def main():
    out, nosv, nnvd = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    data = sys.argv[4] if len(sys.argv) > 4 else os.environ.get("PROOFLINE_DATA")
    done = os.path.join(out, "sbom.json")
    if os.path.exists(done):
        return 0
    os.makedirs(out, exist_ok=True)
    osv, nvd = records(data)
    if not osv:
        print("there are no advisories to copy", file=sys.stderr)
        return 1
    text = json.dumps(sbom(osv, nvd, nosv, nnvd, random.Random(1)), indent=1)
    write_osv(out, copies(osv, renamed_osv, nosv))
    if nvd:
        write_nvd(out, copies(nvd, renamed_nvd, nnvd), nnvd)
    with open(done, "w", encoding="utf-8") as f:
        f.write(text)
    return 0


sys.exit(main())
