#!/usr/bin/env python3
"""Writes the table of record types.  usage: type_table.py OUT.c NAME...   (NAME gives record_NAME)"""
import sys

out, names = sys.argv[1], sys.argv[2:]
with open(out, "w", encoding="utf-8") as f:
    f.write('/* Made by tools/type_table.py from the lists in each folder\'s meson.build. */\n#include "app/app.h"\n\n')
    for name in names:
        f.write(f"extern const RecordType record_{name};\n")
    f.write("\nconst RecordType *const app_types[] = {\n")
    for name in names:
        f.write(f"  &record_{name},\n")
    f.write(f"}};\nconst size_t app_ntypes = {len(names)};\n")
