#!/usr/bin/env python3
"""Turns files into a C table of assets (serve/serve.h): bytes, gzip bytes, media type, tag of the content.

usage: embed.py OUT.c FILE...        the same files give the same output; names are without folders"""
import gzip
import hashlib
import os
import sys

MEDIA = {
    ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
    ".ico": "image/x-icon", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8", ".json": "application/json",
    ".html": "text/html; charset=utf-8", ".webmanifest": "application/manifest+json",
}
PACKED = {".png", ".woff2", ".ico"}
C_BYTE = [chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in range(256)]


def c_array(name, data):
    lines = ['  "' + "".join(C_BYTE[b] for b in data[i : i + 64]) + '"' for i in range(0, len(data), 64)]
    return f"static const char {name}[{len(data)} + 1] =\n" + "\n".join(lines or ['  ""']) + ";\n"


def main():
    target, files = sys.argv[1], sorted(sys.argv[2:], key=os.path.basename)
    names = [os.path.basename(f) for f in files]
    rows = []
    with open(target, "w", encoding="utf-8") as out:
        out.write('/* Made by tools/embed.py. */\n#include "serve/serve.h"\n\n')
        for i, (file, name) in enumerate(zip(files, names)):
            ext = os.path.splitext(name)[1]
            if ext not in MEDIA:
                sys.exit(f"embed.py: {file}: no media type for '{ext}'")
            if names.count(name) > 1:
                sys.exit(f"embed.py: {file}: two files are named {name}")
            data = open(file, "rb").read()
            packed = b"" if ext in PACKED else gzip.compress(data, 9, mtime=0)
            if len(packed) >= len(data):
                packed = b""
            out.write(c_array(f"plain_{i}", data))
            if packed:
                out.write(c_array(f"packed_{i}", packed))
            gz = f"(const uint8_t *)packed_{i}, {len(packed)}" if packed else "NULL, 0"
            tag = hashlib.sha256(data).hexdigest()[:8]
            rows.append(f'  {{ "{name}", "{MEDIA[ext]}", (const uint8_t *)plain_{i}, {len(data)}, {gz}, "{tag}" }},\n')
        out.write("\nconst Asset serve_assets[] = {\n" + "".join(rows) + "};\n")
        out.write(f"const size_t serve_nassets = {len(rows)};\n")


main()
