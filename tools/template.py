#!/usr/bin/env python3
"""Turns FOLDER/x.html into x.html.h (a struct of what the page needs) and x.html.c (a function that writes it).

usage: template.py IN.html OUT.h OUT.c [OUT.d]        OUT.d: make rules naming the parts that were included

finding_list.html gives `FindingListPage`, filled by the caller, and
`void finding_list_html(Buf *b, const FindingListPage *p)`.  Rows of {{#rows}} are `FindingListRows *rows; size_t rows_n`,
rows in rows `FindingListRowsCells *cells; size_t cells_n`.  The fields are inferred, so a misspelt one does not compile.

  {{name}}                 Str, escaped; in text and in double-quoted attributes.  At the start of an attribute that holds
                           a URL (href src action formaction) it goes through html_link(), which lets no script in.
  {{%name}}                Str, percent-encoded: a part of a URL
  {{&name}}                Html, made by another template or writer; in text only
  {{#rows}} .. {{/rows}}   once per row; names inside are the row's, {{../name}} is the field of the scope around it
  {{^rows}} .. {{/rows}}   when there are no rows, or when the flag does not hold
  {{?flag}} .. {{:}} .. {{/flag}}   bool; of a name that is also written: when it is not empty; of rows: when there are some
  {{>part}}                part.html of the same folder, in this scope; {{>icon:warning}} is icon_warning.html
  {{! words }}             nothing

Refused, with file and line: a value in an unquoted or single-quoted attribute, in a tag, a comment or <script>; style=,
on..=, srcdoc=, <style>, <script> with content (the content security policy allows none of them); sections that leave
markup half open.  White space with a line end becomes one line end, other white space in tags one space; <pre> and
<textarea> are left alone (start a <textarea> with a line end: browsers drop the first one of the content)."""
import os
import re
import sys

TAG = re.compile(r"\{\{(.*?)\}\}", re.S)
NAME = re.compile(r"(?:\.\./)*[a-z][a-z0-9_]*$")
ALONE = re.compile(r"(?m)^[ \t]*(\{\{[#^/?:!][^}]*\}\})[ \t]*\n")
URLS = {"href", "src", "action", "formaction"}
KEEP = {"pre", "textarea"}


class Problem(Exception):
    def __init__(self, at, words):
        super().__init__(f"{at[0]}:{at[1]}: {words}")


# ---- reading: a list of nodes ("text", at, s) ("value", at, kind, name) ("section", at, kind, name, then, otherwise)

def tokens(path, parts, around=()):
    """(at, kind, text) with the included parts in place; kind is '' for text, else the mark of the tag."""
    if path in around:
        raise Problem((path, 1), "includes itself: " + " > ".join([*around, path]))
    try:
        source = open(path, encoding="utf-8").read()
    except OSError as e:
        raise Problem((around[-1] if around else path, 1), f"cannot read {path}: {e.strerror}")
    alone = {m.start(1): m for m in ALONE.finditer(source)}
    done = 0
    end = len(source.rstrip("\n")) if around else len(source)
    for m in TAG.finditer(source):
        line = source.count("\n", 0, m.start()) + 1
        lone = alone.get(m.start())
        yield (path, line - source.count("\n", done, m.start())), "", source[done : lone.start() if lone else m.start()]
        done = lone.end() if lone else m.end()
        inner = m.group(1).strip()
        mark, name = (inner[0], inner[1:].strip()) if inner[:1] and inner[0] in "#^/?:!>%&" else ("=", inner)
        if mark == ">":
            file = os.path.join(os.path.dirname(path), name.replace(":", "_") + ".html")
            if not re.fullmatch(r"[a-z0-9_]+(:[a-z0-9_]+)?", name) or not os.path.exists(file):
                raise Problem((path, line), f"there is no part {name} ({file})")
            parts.add(file)
            yield from tokens(file, parts, (*around, path))
        elif mark == ":":
            if name:
                raise Problem((path, line), "{{:}} takes no name")
            yield (path, line), ":", ""
        elif mark != "!":
            if not NAME.match(name):
                raise Problem((path, line), f"{{{{{inner}}}}} is no name")
            yield (path, line), mark, name
    if "{{" in source[done:]:
        raise Problem((path, source.count("\n", 0, source.index("{{", done)) + 1), "{{ without }}")
    yield (path, source.count("\n", 0, done) + 1), "", source[done:max(done, end)]


def parse(stream):
    top = ("section", None, "top", None, [], [])
    stack, lists = [top], [top[4]]
    for at, kind, text in stream:
        if kind == "":
            if text:
                lists[-1].append(("text", at, text))
        elif kind in "=%&":
            lists[-1].append(("value", at, kind, text))
        elif kind in "#^?":
            node = ("section", at, kind, text, [], [])
            lists[-1].append(node)
            stack.append(node)
            lists.append(node[4])
        elif kind == ":":
            if stack[-1][2] != "?" or lists[-1] is stack[-1][5]:
                raise Problem(at, "{{:}} belongs once into {{?flag}} .. {{/flag}}")
            lists[-1] = stack[-1][5]
        else:
            if stack[-1][3] != text:
                raise Problem(at, f"{{{{/{text}}}}} closes nothing that is open" if len(stack) == 1 else
                              f"{{{{/{text}}}}} closes {{{{{stack[-1][2]}{stack[-1][3]}}}}} of line {stack[-1][1][1]}")
            stack.pop()
            lists.pop()
    if len(stack) > 1:
        raise Problem(stack[-1][1], f"{{{{{stack[-1][2]}{stack[-1][3]}}}}} is not closed")
    return top[4]


# ---- types: what each name of a scope is used as

class Scope:
    def __init__(self, type_name, parent):
        self.type, self.parent, self.uses, self.rows = type_name, parent, {}, {}


def find(scope, name, at):
    while name.startswith("../"):
        if not scope.parent:
            raise Problem(at, f"../ leads out of the page: {name}")
        scope, name = scope.parent, name[3:]
    return scope, name


def infer(nodes, scope):
    for node in nodes:
        if node[0] == "value":
            where, name = find(scope, node[3], node[1])
            where.uses.setdefault(name, {})["Html" if node[2] == "&" else "Str"] = node[1]
        elif node[0] == "section":
            where, name = find(scope, node[3], node[1])
            use = where.uses.setdefault(name, {})
            inner = scope
            if node[2] == "#":
                use["rows"] = node[1]
                inner = where.rows.setdefault(name, Scope(where.type + camel(name), scope))
                if inner.parent is not scope:
                    raise Problem(node[1], f"{{{{#{node[3]}}}}} is walked from two different scopes")
            infer(node[4], inner)
            infer(node[5], scope)


def camel(name):
    return "".join(w[:1].upper() + w[1:] for w in name.split("_"))


def kind_of(scope, name):
    kinds = scope.uses[name]
    if len(kinds) > 1:
        at = max(kinds.values(), key=lambda a: a[1])
        raise Problem(at, f"{name} is used as {' and as '.join(sorted(kinds))}")
    return next(iter(kinds), "bool")


def structs(scope, base, out, seen):
    """Inner structs first."""
    for rows in scope.rows.values():
        structs(rows, base, out, seen)
    name = scope.type if scope.parent else base + "Page"
    if name in seen:
        raise Problem((sys.argv[1], 1), f"two structs would be named {name}; rename a section")
    seen.add(name)
    lines = []
    for field in scope.uses:
        kind = kind_of(scope, field)
        lines.append(f"  {scope.rows[field].type} *{field};\n  size_t {field}_n;" if kind == "rows" else f"  {kind} {field};")
    if not lines and scope.parent:
        raise Problem((sys.argv[1], 1), f"the rows of {name} use no field")
    out.append(f"typedef struct {name} {{\n" + "\n".join(lines or ["  char nothing;"]) + f"\n}} {name};\n")


# ---- markup: where in HTML does a value stand

class Markup:
    """state: text, tag (in a tag, between or in names), value= (after =), dq, sq, unq, comment, raw (in <script>)"""

    def __init__(self):
        self.state, self.tag, self.attr, self.fresh, self.keep = "text", "", "", False, ""

    def place(self):
        return self.state, self.tag if self.state != "text" else "", self.keep

    def text(self, at, s):
        """Feeds text; gives it with white space made small."""
        out, i, line = [], 0, at[1]
        while i < len(s):
            c = s[i]
            was, step = self.state, getattr(self, "in_" + {"value=": "equals"}.get(self.state, self.state))
            took = step((at[0], line), s, i)
            piece = s[i : i + took]
            if "comment" in (was, self.state):
                pass   # comments are for the authors
            elif self.state in ("text", "tag") and not self.keep and piece.isspace():
                if not (out and out[-1].isspace()):
                    out.append("\n" if "\n" in piece and self.state == "text" else " ")
                elif "\n" in piece and self.state == "text":
                    out[-1] = "\n"
            else:
                out.append(piece)
            line += piece.count("\n")
            i += took
        return "".join(out)

    def in_text(self, at, s, i):
        if s.startswith("<!--", i):
            self.state = "comment"
            return 4
        m = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)").match(s, i)
        if m:
            self.tag, self.attr, self.state = m.group(2).lower(), "", "tag"
            if self.tag == "style":
                raise Problem(at, "<style> is refused by the content security policy; write into ui/app.css")
            if m.group(1) and self.tag == self.keep:
                self.keep = ""
            elif not m.group(1) and self.tag in KEEP:
                self.keep = self.tag
            self.closing = bool(m.group(1))
            return m.end() - i
        if s[i] == "<" and not s.startswith("<!", i):
            raise Problem(at, "< begins no tag here; write &lt;")
        m = re.compile(r"\s+|[^<\s]+|<").match(s, i)
        return m.end() - i

    def in_tag(self, at, s, i):
        c = s[i]
        if c.isspace() or c == "/":
            self.attr = ""
        elif c == ">":
            self.state = "raw" if self.tag == "script" and not self.closing else "text"
        elif c == "=":
            self.check_attr(at)
            self.state = "value="
        else:
            self.attr += c.lower()
        m = re.compile(r"\s+").match(s, i)
        return m.end() - i if m else 1

    def check_attr(self, at):
        if self.attr == "style" or self.attr == "srcdoc" or self.attr.startswith("on"):
            raise Problem(at, f"{self.attr}= is refused by the content security policy; use a class or ui/app.js")

    def in_equals(self, at, s, i):
        c = s[i]
        if c.isspace():
            raise Problem(at, "white space after =")
        self.state = {'"': "dq", "'": "sq"}.get(c, "unq")
        self.fresh = True
        return 1

    def in_dq(self, at, s, i):
        self.fresh = False
        if s[i] == '"':
            self.state, self.attr = "tag", ""
        return 1

    def in_sq(self, at, s, i):
        if s[i] == "'":
            self.state, self.attr = "tag", ""
        return 1

    def in_unq(self, at, s, i):
        if s[i].isspace() or s[i] == ">":
            self.state = "tag"
            return self.in_tag(at, s, i)
        return 1

    def in_comment(self, at, s, i):
        end = s.find("-->", i)
        if end < 0:
            return len(s) - i
        self.state = "text"
        return end + 3 - i

    def in_raw(self, at, s, i):
        end = s.lower().find("</script", i)
        if end < 0 or s[i:end].strip():
            raise Problem(at, "<script> with content is refused by the content security policy; write into ui/app.js")
        self.state, self.tag, self.closing = "tag", "script", True
        return end + 8 - i

    def value(self, at, kind):
        if self.state not in ("text", "dq") or (kind == "&" and self.state != "text"):
            raise Problem(at, {"tag": "a value in a tag", "value=": "a value in an unquoted attribute; use double quotes",
                               "unq": "a value in an unquoted attribute; use double quotes",
                               "sq": "a value in a single-quoted attribute; use double quotes", "comment": "a value in a comment",
                               "raw": "a value in <script>", "dq": "{{&}} in an attribute"}[self.state])
        link = self.state == "dq" and self.fresh and self.attr in URLS
        self.fresh = False
        return {"%": "url_text", "&": "html_add"}.get(kind, "html_link" if link else "html_text")


# ---- writing C

def c_text(s):
    out = []
    for line in s.splitlines(keepends=True):
        out.append('"' + "".join(
            {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(ch) or
            (ch if " " <= ch <= "~" else "".join(f"\\{b:03o}" for b in ch.encode())) for ch in line) + '"')
    return "\n      ".join(out)


def field(scope, name, depth, at):
    up = name.count("../")
    where, name = find(scope, name, at)
    return where, name, f"p{depth - up if depth - up else ''}->{name}"


def condition(scope, name, depth, at):
    where, short, text = field(scope, name, depth, at)
    return text + {"Str": ".n", "Html": ".s.n", "rows": "_n", "bool": ""}[kind_of(where, short)]


def emit(nodes, scope, depth, indent, markup, out):
    pad = "  " * indent
    for node in nodes:
        at = node[1]
        if node[0] == "text":
            text = markup.text(at, node[2])
            if text:
                out.append(f"{pad}buf_add(b, S({c_text(text)}));")
        elif node[0] == "value":
            out.append(f"{pad}{markup.value(at, node[2])}(b, {field(scope, node[3], depth, at)[2]});")
        else:
            section(node, scope, depth, indent, markup, out)


def section(node, scope, depth, indent, markup, out):
    pad, (_, at, kind, name, then, otherwise) = "  " * indent, node
    if markup.state in ("value=", "unq", "sq", "comment", "raw"):
        raise Problem(at, "a section may stand in text, between attributes or in a double-quoted value (is one unquoted?)")
    before, fresh = markup.place(), markup.fresh
    if kind == "#":
        where, short, text = field(scope, name, depth, at)
        if kind_of(where, short) != "rows":
            raise Problem(at, f"{name} is no list of rows")
        inner = where.rows[short]
        out.append(f"{pad}for (size_t i{depth + 1} = 0; i{depth + 1} < {text}_n; i{depth + 1}++) {{")
        out.append(f"{pad}  const {inner.type} *p{depth + 1} = &{text}[i{depth + 1}];")
        out.append(f"{pad}  (void)p{depth + 1};")
        emit(then, inner, depth + 1, indent + 1, markup, out)
    else:
        out.append(f"{pad}if ({'!' if kind == '^' else ''}{condition(scope, name, depth, at)}) {{")
        emit(then, scope, depth, indent + 1, markup, out)
    if markup.place() != before:
        raise Problem(at, f"{{{{{kind}{name}}}}} ends elsewhere in the markup than it began: {before[0]} and {markup.state}")
    if otherwise:
        markup.fresh = fresh
        out.append(f"{pad}}} else {{")
        emit(otherwise, scope, depth, indent + 1, markup, out)
        if markup.place() != before:
            raise Problem(at, f"the else of {{{{?{name}}}}} ends elsewhere in the markup than it began")
    markup.fresh = fresh   # nothing may have been written
    out.append(f"{pad}}}")


def main():
    source, header, code = sys.argv[1:4]
    file = os.path.basename(source)
    base = re.sub(r"[^a-z0-9]+", "_", file[: -len(".html")])
    folder = os.path.basename(os.path.dirname(os.path.abspath(source)))
    parts, definitions, body = set(), [], []
    try:
        nodes = parse(tokens(source, parts))
        top = Scope(camel(base), None)
        infer(nodes, top)
        structs(top, camel(base), definitions, set())
        markup = Markup()
        emit(nodes, top, 0, 1, markup, body)
        if markup.state != "text":
            raise Problem((source, 1), f"the file ends inside of markup ({markup.state})")
    except Problem as p:
        sys.exit(str(p))
    made = f"/* Made from {folder}/{file} by tools/template.py. */\n"
    signature = f"void {base}_html(Buf *b, const {camel(base)}Page *p)"
    with open(header, "w", encoding="utf-8") as out:
        out.write(f'{made}#pragma once\n#include "format/format.h"\n\n' + "\n".join(definitions) + f"\n{signature};\n")
    with open(code, "w", encoding="utf-8") as out:
        out.write(f'{made}#include "{os.path.basename(header)}"\n\n{signature} {{\n  (void)p;\n' + "\n".join(body) + "\n}\n")
    if len(sys.argv) > 4:
        with open(sys.argv[4], "w", encoding="utf-8") as out:
            out.write(f"{header} {code}: " + " ".join(sorted(parts)) + "\n")


main()
