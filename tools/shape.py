#!/usr/bin/env python3
"""Turns FOLDER/x.shape, what a document of a format may hold, into the C table that supply/shape.c judges by.

The notation stands in the head of cyclonedx.shape.  usage: shape.py IN OUT.c"""
import os
import re
import sys

PLAIN = {"any": "SHAPE_ANY", "object": "SHAPE_OBJECT", "bool": "SHAPE_BOOL", "time": "SHAPE_TIME", "date": "SHAPE_DATE",
         "licence": "SHAPE_LICENCE", "serial": "SHAPE_SERIAL", "cpe": "SHAPE_CPE"}
RANGED = {"text": "SHAPE_TEXT", "int": "SHAPE_INT", "num": "SHAPE_NUM"}
NEWEST = 99


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def versions(text):
    """"1.4-1.5" as the minor versions from and until."""
    first, dash, last = text.partition("-")
    minor = lambda v, none: int(v[2:]) if v else none
    return minor(first, 0), minor(last, NEWEST) if dash else minor(first, NEWEST)


class Shapes:
    def __init__(self, path):
        self.path, self.parts, self.words, self.patterns = path, {}, {}, {}
        self.kinds, self.either = {}, []
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            self.at = f"{path}:{number}"
            self.line(line.rstrip("\n"))
        for part in self.parts.values():
            for row in part["rows"]:
                self.at = row["at"]
                row["index"] = self.kind(row["kind"])

    def wrong(self, why):
        sys.exit(f"{self.at}: {why}")

    def line(self, line):
        if not line.strip() or line.startswith("#"):
            return
        if line.startswith("%"):
            name, pattern = line[1:].split(None, 1)
            self.patterns[name] = pattern
        elif line.startswith("  "):
            self.last["take"](line)
        else:
            name, *more = re.split(r"\s{2,}", line)
            words = name.startswith("=")
            name = name.lstrip("=")
            if name in (self.words if words else self.parts):
                self.wrong(f"{name} stands twice")
            short = '"' + name.rsplit(".", 1)[-1] + '"'
            label = next((m for m in more if m[0] not in "!~"), f"a value of {short}" if words else short)
            rule = next((m[1:] for m in more if m[0] == "!"), None)
            open_to = next((m[1:] for m in more if m[0] == "~"), "")
            self.last = {"what": label, "rule": rule, "open": open_to, "rows": [], "list": []}
            self.last["take"] = self.take_words if words else self.take_row
            (self.words if words else self.parts)[name] = self.last

    def take_words(self, line):
        for word in filter(None, (w.strip() for w in line.split("|"))):
            found = re.fullmatch(r"(.*?)(?: \(1\.(\d)\))?", word)
            self.last["list"].append((found.group(1), int(found.group(2) or 0)))

    def take_row(self, line):
        name, kind, occurs, *more = line.split()
        encoding = more.pop(0) if more and more[0] in "xj" else "xj"
        choice = re.fullmatch(r"([abc])(\d)(!?)", more[-1]) if more else None
        if choice:
            more.pop()
        if occurs not in "1?*+" or len(more) > 1:
            self.wrong("this is no row")
        self.last["rows"].append({
            "at": self.at, "name": name.lstrip("@#"), "is": name[0] if name[0] in "@#" else "", "kind": kind, "occurs": occurs,
            "encoding": encoding, "versions": versions(more[0] if more else "-"), "place": len(self.last["rows"]),
            "choice": (" abc".index(choice.group(1)), int(choice.group(2)), bool(choice.group(3))) if choice else (0, 0, False)})

    def kind(self, text):
        """Index of a kind; the same text is the same kind."""
        if text in self.kinds:
            return list(self.kinds).index(text)
        self.kinds[text] = None
        branches = re.split(r"\|(?![^\[]*\])", text)              # not those inside of a list
        if len(branches) > 1:
            members = [self.kind(t) for t in branches]
            self.kinds[text] = f".of = SHAPE_EITHER, .at = {len(self.either)}, .n = {len(members)}"
            self.either += members
        elif text[0] == "[":
            element, item, unique, some = re.fullmatch(r"\[(?:([\w.-]+):)?([^\]]+)\](u?)(\+?)", text).groups()
            self.kinds[text] = (f".of = SHAPE_LIST, .at = {self.kind(item)}, .text = {quoted(element or '')}, "
                                f".unique = {len(unique)}, .some = {len(some)}")
        elif text[0] == "=":
            self.kinds[text] = f".of = SHAPE_WORD, .at = {self.index(self.words, text[1:])}"
        elif text in self.patterns:
            self.kinds[text] = f".of = SHAPE_PATTERN, .text = {quoted(self.patterns[text])}"
        elif text in PLAIN:
            self.kinds[text] = f".of = {PLAIN[text]}"
        elif re.fullmatch(r"(text|int|num)(\d*-\d*)?", text):
            name, low, high = re.fullmatch(r"([a-z]+)(?:(\d*)-(\d*))?", text).groups()
            self.kinds[text] = f".of = {RANGED[name]}, .low = {low or 'SHAPE_FREE'}, .high = {high or 'SHAPE_FREE'}"
        else:
            self.kinds[text] = f".of = SHAPE_PART, .at = {self.index(self.parts, text)}"
        return list(self.kinds).index(text)

    def index(self, names, name):
        if name not in names:
            self.wrong(f"there is no {name}")
        return list(names).index(name)

    def is_list(self, rows):
        """Elements of the part are the items of a list, whatever they are called: a place in it is a number."""
        rows = [r for r in rows if "x" in r["encoding"] and not r["is"]]
        choices = {r["choice"][0] for r in rows if r["occurs"] in "*+"}
        return bool(rows) and all(r["occurs"] in "*+" or (r["choice"][0] and r["choice"][0] in choices) for r in rows)

    def write(self, out, name):
        out.write(f'/* Made from supply/{os.path.basename(self.path)} by tools/shape.py. */\n#include "supply/shape.h"\n\n')
        for rule in sorted({p["rule"] for p in self.parts.values() if p["rule"]}):
            out.write(f"extern ShapeRule {name}_{rule}_rule;\n")
        out.write(f"\nstatic const ShapeRow rows[] = {{\n")
        at = 0
        for part in self.parts.values():
            part["first"], part["n"] = at, len(part["rows"])
            at += part["n"]
            for r in sorted(part["rows"], key=lambda r: r["name"].encode()):
                group, branch, must = r["choice"]
                out.write(f'  {{ {{ "{r["name"]}", {len(r["name"])} }}, {r["index"]}, {r["versions"][0]}, {r["versions"][1]}, '
                          f"'{r['occurs']}', {int(r['is'] == '@')}, {int(r['is'] == '#')}, {int('x' in r['encoding'])}, "
                          f"{int('j' in r['encoding'])}, {int(must)}, {group}, {branch}, {r['place']} }},\n")
            if part["n"] > 64:
                sys.exit(f"{self.path}: a part of {part['n']} rows: more than SHAPE_ROWS")
        out.write("};\nstatic const ShapePart parts[] = {\n")
        for p in self.parts.values():
            rule = f"{name}_{p['rule']}_rule" if p["rule"] else "NULL"
            out.write(f"  {{ {quoted(p['what'])}, rows + {p['first']}, {p['n']}, {int(self.is_list(p['rows']))}, "
                      f"{int('x' in p['open'])}, {int('j' in p['open'])}, {rule} }},\n")
        out.write("};\n")
        for i, w in enumerate(self.words.values()):
            out.write(f"static const Word words_{i}[] = {{ " + ", ".join(f'{{ {{ {quoted(t)}, {len(t.encode())} }}, {v} }}' for t, v in w["list"]) + " };\n")
        out.write("static const Words words[] = {\n")
        for i, w in enumerate(self.words.values()):
            out.write(f"  {{ {quoted(w['what'])}, words_{i}, {len(w['list'])}, {int('x' in w['open'])} }},\n")
        out.write("};\nstatic const ShapeKind kinds[] = {\n")
        for text in self.kinds.values():
            out.write(f"  {{ {text} }},\n")
        out.write("};\nstatic const uint16_t either[] = { " + ", ".join(map(str, self.either)) + " };\n")
        out.write(f"const ShapeTable {name}_shape = {{ parts, kinds, either, words }};\n")


def main():
    source, target = sys.argv[1:3]
    shapes = Shapes(source)
    with open(target, "w", encoding="utf-8") as out:
        shapes.write(out, os.path.basename(source)[: -len(".shape")])


main()
