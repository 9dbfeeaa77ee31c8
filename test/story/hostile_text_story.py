"""Texts that break programs: in every field they are stored as they are, or refused with the field named."""
import json
import os
import urllib.error
import urllib.parse
import urllib.request

from story import Folder, Server, Visitor, check, run, run_json

# Our own collection: what breaks HTML, SQL, shells, terminals, sorting, encodings and people's eyes.
NASTY = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "' OR 1=1 --", "'); DROP TABLE record; --",
    "{{title}} {{&body}} {{>icon:lock}}", "${7*7} #{7*7} %{7*7}", "%s%s%n%x", "$(touch /tmp/pwned) `id` | cat", "../../../../etc/passwd",
    "=cmd|'/C calc'!A0", "+1-2@SUM(A1)", "null", "undefined", "true", "NaN", "-1", "0", "1e400", "0x7fffffff", "999999999999999999999999",
    "\u202egnp.exe", "a\u200bb\u200dc\ufeff", "e\u0301 \u00e9 \u1e9e \u0130 \u0131", "\U0001f469\u200d\U0001f469\u200d\U0001f466 \U0001f1f8\U0001f1ea",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u05e2\u05d1\u05e8\u05d9\u05ea \u4e2d\u6587 \u65e5\u672c\u8a9e \ud55c\uad6d\uc5b4", "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319A\u0329", "\x1b[31mred\x1b[0m \x07", "tab\there",
    " lead and trail ", "\\", "\\\\u0000", "&lt;b&gt;&amp;amp;", "]]>", "<!-- -->", "a" * 499, "CON", "COM1", "\ufffd\uffff", "x'||'y",
    "Robert\u2019s \u201cquotes\u201d \u2013 \u2026", "\u00a0\u2003\u3000", "SELECT * FROM entry;", "T-001@1", "sort:title is:open \"", "-", "*", "(",
]


def story_hostile_texts_are_data():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            visitor = Visitor(server).sign_in("ines")
            for text in NASTY:
                visitor.open("/new/user_need")
                fields = visitor.form("edit")
                fields.update(title=text, stakeholder=text, statement=text, acceptance=text + "\n" + text)
                visitor.post("/new/user_need", fields)
                if visitor.status == 422:
                    check('class="err"' in visitor.page, f"{text!r} was refused without naming a field")
                    continue
                check(visitor.status == 200 and "/r/" in visitor.url, f"{text!r}: {visitor.status}")
                identity = visitor.url.rsplit("/", 1)[1]
                stored = run_json("-C", folder, "show", identity)
                check(stored["title"] == text and stored["fields"]["statement"] == text, f"{text!r} was stored as {stored['title']!r}")
                check("<script>alert" not in visitor.page and "<img src=x" not in visitor.page, f"{text!r} is markup on the page")
                visitor.open(f"/r/{identity}/edit")
                again = visitor.form("edit")
                check(again["statement"] == text, f"{text!r} came back as {again['statement']!r}")
            for page in ("/list/user_need", "/list/user_need?q=sort:title", "/search?q=alert", "/log", "/devices"):
                visitor.open(page)
                check(visitor.status == 200 and "<script>alert" not in visitor.page and "<img src=x" not in visitor.page, f"{page} breaks")
            for page in ("/diff?from=", "/cve/", "/r/", "/list/", "/new/", "/model?type=", "/sign?step=approve&id="):
                visitor.open(page + urllib.parse.quote("\u7530\u4e2d" * 60))  # a message that cuts it in a character would not decode
                check(visitor.status < 500, f"{page}: {visitor.status}")
            for text in NASTY:
                visitor.open("/search?" + urllib.parse.urlencode({"q": text}))
                check(visitor.status in (200, 422) and "<script>alert" not in visitor.page, f"searching for {text!r}: {visitor.status}")
                visitor.open("/list/threat?" + urllib.parse.urlencode({"q": text}))
                check(visitor.status in (200, 422), f"filtering by {text!r}: {visitor.status}")
            visitor.open("/new/user_need")
            fields = visitor.form("edit")
            fields.update(title="Ten million bytes", statement="x" * 10_000_000)
            visitor.post("/new/user_need", fields)
            check(visitor.status == 422 and "10000000 bytes long" in visitor.page and "Ten million bytes" in visitor.page, f"10 MB: {visitor.status}")
            visitor.open("/new/user_need")
            fields = visitor.form("edit")
            fields.update(title="NUL", statement="a\0b")
            visitor.post("/new/user_need", fields)
            check(visitor.status == 422, f"a NUL character: {visitor.status}")
        run("-C", folder, "verify")


def story_two_people_edit_one_record():
    """T-LOST, seen by people: the second gets both versions and loses nothing."""
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            run("-C", folder, "--as", "ines", "new", "user_need", "title=One", "statement=first text", "stakeholder=Nurse", "acceptance=before", "products=sorrel-p1", "--id", "UN-900")
            ines, lukas = Visitor(server).sign_in("ines"), Visitor(server).sign_in("amara")
            ines.open("/r/UN-900/edit")
            lukas.open("/r/UN-900/edit")
            hers, his = ines.form("edit"), lukas.form("edit")
            hers.update(title="One, by Ines", statement="her text", acceptance="her measure")
            ines.post("/r/UN-900/edit", hers)
            check(ines.status == 200, f"the first to save: {ines.status}")
            his.update(statement="his text,\r\nin two lines", stakeholder="Pharmacist", acceptance="his measure")
            lukas.post("/r/UN-900/edit", his)
            check(lukas.status == 412 and "Nothing was overwritten" in lukas.page, f"the second to save: {lukas.status}")
            check("her text" in lukas.page and "his text,\nin two lines" in lukas.page.replace("\r", "") and "first text" in lukas.page, "both versions and the one before are not shown")
            check("Taken over" in lukas.page and "One, by Ines" in lukas.page, "what only the first changed is not taken over")
            merged = lukas.form("edit")
            check(merged["title"] == "One, by Ines" and merged["stakeholder"] == "Pharmacist", "the form does not hold both people's work")
            merged = {k: v for k, v in merged.items() if not k.startswith("pick-")}
            merged.update({"pick-statement": "mine", "pick-acceptance": "now"})
            lukas.post("/r/UN-900/edit", merged)
            check(lukas.status == 200, f"the merged text: {lukas.status}")
            stored = run_json("-C", folder, "show", "UN-900")
            check((stored["title"], stored["fields"]["statement"], stored["fields"]["stakeholder"], stored["fields"]["acceptance"]) ==
                  ("One, by Ines", "his text,\nin two lines", "Pharmacist", "her measure"), f"something was lost: {stored}")
            check(stored["revision"] == 3, "the merge is no revision of its own")


def hostile_texts():
    """Ours, and those of the lists of naughty strings and of XSS vectors where they are there."""
    texts, data = list(NASTY), os.environ.get("PROOFLINE_DATA", "")
    naughty = os.path.join(data, "attack/blns/blns.json")
    if data and os.path.exists(naughty):
        with open(naughty, encoding="utf-8") as f:
            texts += [t for t in json.load(f) if t]
    folder = os.path.join(data, "attack/fuzzdb/attack/xss")
    for name in sorted(os.listdir(folder)) if data and os.path.isdir(folder) else []:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as f:
            texts += [line.rstrip("\r\n") for line in f if line.strip()]
    return texts


def hostile_value(field, text, today):
    kind = field["kind"]
    one = {"text": text, "long_text": text, "date": today, "boolean": True, "number": field.get("min", 1)}.get(kind)
    if kind == "choice":
        one = field["choices"][0]
    return [one] if field["many"] and one is not None else one


def put_hostile(server, token, kind, text):
    """A record with the text in each of its texts: what was stored, or None where each refusal named its field."""
    body = {"title": text, "reason": "Hostile text in every field"}
    for field in kind["fields"]:
        value = hostile_value(field, text, "2026-11-22")
        if value is not None:
            body[field["name"]] = value
    for _ in range(12):
        request = urllib.request.Request(f"{server.url}/rest/v1/{kind['name']}", data=json.dumps(body).encode(), method="POST",
                                         headers={"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read())["id"], body
        except urllib.error.HTTPError as e:
            said = json.loads(e.read())
            check(e.code in (403, 422), f"{kind['name']} with {text!r}: {e.code} {said}")
            if e.code == 403:
                return None, body
            faults = [f["pointer"].strip("/").split("/")[0] for f in said.get("errors", [])]
            check(faults and all(faults), f"{kind['name']} with {text!r}: no field is named: {said}")
            for name in faults:
                if name == "title" or name not in body:      # needed, and this text was not taken for it
                    return None, body
                del body[name]
    raise AssertionError(f"{kind['name']} with {text!r} is refused for ever")


def story_hostile_texts_in_every_field_of_every_type():
    texts = hostile_texts()
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        types, made = run_json("-C", folder, "model")["types"], []
        tokens = [run_json("-C", folder, "--as", login, "token", "create", f"hostile {login}", "--scopes", "records:read,records:write")["token"]
                  for login in ("sample", "sofia", "paul")]
        need = next(k for k in types if k["name"] == "user_need")
        told, body = put_hostile(server, tokens[0], dict(need, fields=[f for f in need["fields"] if f["name"] == "statement"]), "x" * 7_000_000)
        check(told is None and "title" in body, "seven million bytes twice are not refused with the field named")
        for i, kind in enumerate(types):
            for text in (texts[(5 * i + k) % len(texts)] for k in range(5)):
                for token in tokens:
                    identity, body = put_hostile(server, token, kind, text)
                    if identity:
                        made.append((kind, identity, body))
                        break
        check(len({kind["name"] for kind, _, _ in made}) > 0.8 * len(types), f"only {len(made)} records of {len({k['name'] for k, _, _ in made})} types were made")
        stored = {r["id"]: r for r in run_json("-C", folder, "list", "all")}
        visitor = Visitor(server).sign_in("nb-auditor")
        for kind, identity, body in made:
            check(stored[identity]["title"] == body["title"], f"{identity}: the title is {stored[identity]['title']!r}, not {body['title']!r}")
        for kind, identity, body in made[::7]:
            page = visitor.open(f"/r/{identity}")
            check(visitor.status == 200, f"/r/{identity}: {visitor.status}")
            if "<" in body["title"]:
                check(body["title"] not in page, f"{identity}: {body['title']!r} is markup on its page")
        for kind in types:
            visitor.open(f"/list/{kind['name']}")
            check(visitor.status == 200, f"the list of {kind['name']} breaks: {visitor.status}")
        # as a table: out, and the same in again changes nothing
        path = os.path.join(folder, "hostile.csv")
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(run("-C", folder, "list", "user_need", "-o", "csv").stdout)
        run("-C", folder, "--as", "sample", "import", "table", path, "--type", "user_need", "--dry-run")
        run("-C", folder, "verify")
