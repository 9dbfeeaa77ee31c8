#!/usr/bin/env python3
"""Turns FOLDER/x.sql into x.sql.h (an enum constant per statement) and x.sql.c (their table).

A statement starts with a line `-- name: finding_open`; `-- pg:` before a second text gives PostgreSQL's own form.
Everything before the first name is prose.  usage: sql.py IN OUT.h OUT.c"""
import os
import re
import sys


def read(path):
    statements, name, part = [], None, None
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        found = re.match(r"--\s*name:\s*([a-z][a-z0-9_]*)\s*$", line)
        if found:
            name, part = found.group(1), "text"
            if any(s["name"] == name for s in statements):
                sys.exit(f"{path}:{number}: statement {name} stands twice")
            statements.append({"name": name, "text": [], "pg": []})
        elif name and re.match(r"--\s*pg:\s*$", line):
            part = "pg"
        elif name and not line.lstrip().startswith("--"):
            statements[-1][part].append(line.rstrip())
    return statements


def c_text(lines):
    lines = [l for l in lines if l.strip()]
    if not lines:
        return "NULL"
    return "\n    ".join('"' + l.replace("\\", "\\\\").replace('"', '\\"') + '\\n"' for l in lines)


def main():
    source, header, table = sys.argv[1:4]
    base = os.path.basename(source)[: -len(".sql")]
    folder = os.path.basename(os.path.dirname(os.path.abspath(source)))
    statements = read(source)
    if not statements:
        sys.exit(f"{source}: no statement (-- name: ...)")
    ident = re.sub(r"[^a-z0-9]", "_", f"{folder}_{base}" if folder != base else folder)
    with open(header, "w", encoding="utf-8") as out:
        out.write(f'/* Made from {folder}/{base}.sql by tools/sql.py. */\n#pragma once\n#include "store/store.h"\n')
        out.write(f"extern const Sql sql_{ident}[{len(statements)}];\n")
        for i, s in enumerate(statements):
            out.write(f"#define SQL_{s['name'].upper()} (&sql_{ident}[{i}])\n")
    with open(table, "w", encoding="utf-8") as out:
        out.write(f'#include "{os.path.basename(header)}"\n\nconst Sql sql_{ident}[{len(statements)}] = {{\n')
        for s in statements:
            out.write(f'  {{ "{folder}.{s["name"]}",\n    {c_text(s["text"])},\n    {c_text(s["pg"])} }},\n')
        out.write("};\n")


main()
