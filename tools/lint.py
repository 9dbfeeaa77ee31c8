#!/usr/bin/env python3
"""The source rules that a compiler does not see.  Each check prints its findings; exit 1 when there are any.

floors     a folder includes lower floors only, through its one door (FLOORS); src/proof, which stands outside, none
headers    every header compiles alone
sizes      files of at most 800 lines (300 is the aim), functions of at most 70, lines of at most 120 columns
banned     calls that this project does without
sql        no SQL text outside *.sql, the schemas, and record/projection.c, which derives it from the model
words      words that must not be printed
"""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SRC = os.path.join(ROOT, "src")
BANNED = re.compile(r"\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok|strtol|strtoul|strtoll|strtoull|strtod|atoi|"
                    r"atol|atof|gmtime|localtime|system|popen|alloca|setjmp|longjmp|mktemp|rand)\s*\(")
HEAP = re.compile(r"\b(malloc|calloc|realloc|strdup)\s*\(")
SQL = re.compile(r'"\s*(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE)\b', re.I)
found = []


def report(check, where, what):
    found.append(check)
    print(f"{check}: {where}: {what}")


def floors():
    floor, allowed = {}, set()
    for line in open(os.path.join(ROOT, "FLOORS"), encoding="utf-8"):
        line = line.split("#")[0].strip()
        if "->" in line:
            allowed.add(tuple(p.strip() for p in line.split("->")))
        elif line:
            number, *names = line.split()
            floor.update({n: int(number) for n in names})
    return floor, allowed


def bare(text):
    """The text without comments and literals, line numbers kept."""
    blank = lambda m: re.sub(r"[^\n]", " ", m.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def includes(rel, text, floor, allowed):
    me = rel.split(os.sep)[1]
    for m in re.finditer(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
        parts = m.group(1).split("/")
        if len(parts) < 2 or parts[0] == me:
            continue
        if me not in floor:
            report("floors", rel, f"includes {m.group(1)}: a program of its own includes no other folder")
        elif parts[0] not in floor:
            report("floors", rel, f"includes {m.group(1)}: no such folder in FLOORS")
        elif floor[parts[0]] >= floor[me] and (me, parts[0]) not in allowed:
            report("floors", rel, f"floor {floor[me]} includes {m.group(1)} of floor {floor[parts[0]]}")
        if parts[1] != parts[0] + ".h":
            report("floors", rel, f"includes {m.group(1)}, which is not the door {parts[0]}.h")


def functions(code):
    """(line, name, length) of each function body."""
    depth, start, name, head = 0, None, None, ""
    for i, row in enumerate(code.split("\n"), 1):
        if depth == 0:
            head = row.split("{")[0] if re.search(r"[;}]\s*$", head) else head + " " + row.split("{")[0]
            if "{" in row:
                m = re.search(r"(\w+)\s*\([^=]*\)\s*(__attribute__.*)?$", head.strip())
                if m and "=" not in head:
                    start, name = i, m.group(1)
                head = ""
        depth += row.count("{") - row.count("}")
        if depth == 0 and "}" in row:
            head = ""
            if start is not None:
                yield start, name, i - start + 1
                start = None


def source(path, floor, allowed):
    rel = os.path.relpath(path, ROOT)
    text = open(path, encoding="utf-8").read()
    lines = text.split("\n")
    test = path.endswith(("_test.c", "_fuzz.c"))
    includes(rel, text, floor, allowed)
    if len(lines) > 800:
        report("sizes", rel, f"{len(lines)} lines")
    for i, line in enumerate(lines, 1):
        if len(line) > 120:
            report("sizes", f"{rel}:{i}", f"{len(line)} columns")
    code = bare(text)
    for start, name, length in functions(code):
        if length > 70 and not test:
            report("sizes", f"{rel}:{start}", f"{name} has {length} lines")
    if not test:
        for m in BANNED.finditer(code):
            report("banned", f"{rel}:{code.count(chr(10), 0, m.start()) + 1}", m.group(1))
        if not rel.startswith(os.path.join("src", "base")):
            for m in HEAP.finditer(code):
                report("banned", f"{rel}:{code.count(chr(10), 0, m.start()) + 1}", m.group(1))
        if not rel.endswith((os.path.join("record", "projection.c"), os.path.join("store", "sqlite.c"), os.path.join("store", "strict.c"), "schema.c", "fixture.h", "_bench.c")):
            for m in SQL.finditer(re.sub(r"/\*.*?\*/", "", text, flags=re.S)):
                report("sql", rel, m.group(1))
    if not test and re.search(r'"[^"\n]*\bcompliant\b', text):
        report("words", rel, "says 'compliant'")


def header(path):
    out = subprocess.run(["gcc", "-std=gnu17", "-D_DEFAULT_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I" + SRC,
                          "-x", "c", path, *FLAGS], capture_output=True, text=True)
    return path, out.stderr


FLAGS = subprocess.run(["pkg-config", "--cflags", "yyjson", "libxml-2.0"], capture_output=True, text=True).stdout.split() + ["-Wno-pragma-once-outside-header"]
FLAGS = [f for f in FLAGS if f != "-Wno-pragma-once-outside-header"]


def main():
    floor, allowed = floors()
    sources, headers = [], []
    for folder, _, names in os.walk(SRC):
        sources += [os.path.join(folder, n) for n in names if n.endswith((".c", ".h"))]
    headers = [p for p in sources if p.endswith(".h")]
    for p in sorted(sources):
        source(p, floor, allowed)
    with ThreadPoolExecutor(2) as pool:
        for path, errors in pool.map(header, sorted(headers)):
            errors = "\n".join(l for l in errors.split("\n") if "pragma once in main file" not in l and "error:" in l)
            if errors:
                report("headers", os.path.relpath(path, ROOT), errors.split("\n")[0])
    print(f"lint: {len(sources)} files, {len(headers)} headers, {len(found)} findings")
    return 1 if found else 0


sys.exit(main())
