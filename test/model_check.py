#!/usr/bin/env python3
"""Holds the record model against model.data, so that no type, field, link or cardinality goes missing unseen.
usage: model_check.py MODEL.DATA PROOFLINE    What the model has beyond the file is fine; what it lacks is a finding."""
import json
import subprocess
import sys


def main():
    data, program = sys.argv[1:3]
    model = json.loads(subprocess.run([program, "model", "-o", "json"], capture_output=True, text=True, check=True).stdout)
    types = {t["name"]: t for t in model["types"]}
    table = json.loads(subprocess.run([program, "model", "links", "-o", "json"], capture_output=True, text=True, check=True).stdout)
    many = {(row[1], row[0]): row[3] for row in table["rows"]}
    wrong, rows = [], 0
    for number, line in enumerate(open(data, encoding="utf-8"), 1):
        if line.startswith("#") or not line.strip():
            continue
        rows += 1
        head, fields, links = (part.split() for part in line.split("|"))
        name, prefix, life = head
        t = types.get(name)
        if not t:
            wrong.append(f"line {number}: the model has no type {name}")
            continue
        if (t["prefix"], t["lifecycle"]) != (prefix, life):
            wrong.append(f"{name}: {t['prefix']} {t['lifecycle']} instead of {prefix} {life}")
        known = {f["name"] for f in t["fields"]}
        wrong += [f"{name}: no field {f}" for f in fields if f not in known]
        for link in links:
            link, _, count = link.partition(":")
            if many.get((name, link)) != count:
                wrong.append(f"{name}: link {link} is {many.get((name, link))} instead of {count}")
    print("\n".join(wrong))
    print(f"{rows} types, {len(wrong)} findings")
    return 1 if wrong or rows < 75 else 0


sys.exit(main())
