#!/usr/bin/env python3
"""Puts every file below a folder into one C table, as it is.

usage: embed_data.py OUT.c OUT.d FOLDER
Gives `const DataFile data_files[]` (src/app/data.h), sorted by name; names are relative to FOLDER.  README files stay out.
OUT.d names files and folders for ninja, so that a new file is noticed too."""
import os
import sys


def literal(data):
    """The bytes as C string literals of bounded length; octal escapes never swallow the next character."""
    rows, row = [], []
    for byte in data:
        c = chr(byte)
        if c == "\n":
            row.append("\\n")
        elif c in '"\\':
            row.append("\\" + c)
        elif c == "?":
            row.append("\\?")
        elif 32 <= byte < 127:
            row.append(c)
        else:
            row.append(f"\\{byte:03o}")
        if len(row) >= 4000 or (c == "\n" and len(row) > 400):
            rows.append('"' + "".join(row) + '"')
            row = []
    rows.append('"' + "".join(row) + '"')
    return "\n  ".join(rows)


def main():
    out, deps, folder = sys.argv[1:4]
    files, seen = [], []
    for here, folders, names in os.walk(folder):
        folders.sort()
        seen.append(here)
        files += [os.path.join(here, n) for n in sorted(names) if not n.startswith(("README", ".")) and n != "meson.build"]
    files.sort(key=lambda p: os.path.relpath(p, folder))
    with open(out, "w", encoding="utf-8") as f:
        f.write('/* Made by tools/embed_data.py. */\n#include "app/data.h"\n\n')
        for i, path in enumerate(files):
            with open(path, "rb") as source:
                f.write(f"static const char file_{i}[] =\n  {literal(source.read())};\n")
        f.write("\nconst DataFile data_files[] = {\n")
        for i, path in enumerate(files):
            name = os.path.relpath(path, folder).replace(os.sep, "/")
            f.write(f'  {{ "{name}", (const uint8_t *)file_{i}, sizeof file_{i} - 1 }},\n')
        f.write("  { NULL, NULL, 0 }\n};\n")
        f.write(f"const size_t data_nfiles = {len(files)};\n\n")
        f.write("const DataFile *data_find(Str name) {\n  for (size_t i = 0; i < data_nfiles; i++)\n"
                "    if (str_eq(name, str_of(data_files[i].name))) return &data_files[i];\n  return NULL;\n}\n")
    with open(deps, "w", encoding="utf-8") as f:
        f.write(f"{out}: " + " ".join(p.replace(" ", "\\ ") for p in files + seen) + "\n")


main()
