"""Lists leave as tables, are worked on in a spreadsheet program, and come back: all or nothing."""
import csv
import io
import json
import os
import re
import subprocess
import zipfile

import story
from story import Folder, Server, Visitor, check, run, run_json

WHY = "Workshop of the risk team"


def demo_folder(folder):
    with Server("demo", "--port", "0", "--keep", folder):
        pass


def read(path):
    with open(path, newline="", encoding="utf-8-sig") as f:
        return list(csv.reader(f))


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as f:
        csv.writer(f).writerows(rows)


def last(store):
    return run_json("-C", store, "log", "--limit", "1")[0]["seq"]


def bring(store, path, *more, code=0):
    return run("-C", store, "import", "table", path, "--reason", WHY, "--yes", *more, code=code)


def sheet_of(path):
    with zipfile.ZipFile(path) as z:
        return {n: z.read(n) for n in z.namelist()}


def put_sheet(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in parts.items():
            z.writestr(name, data)


def story_a_list_goes_out_and_comes_back_as_csv():
    with Folder() as folder:
        store, path = os.path.join(folder, "s"), os.path.join(folder, "t.csv")
        demo_folder(store)
        run("-C", store, "list", "threat", "-o", f"csv={path}")
        rows = read(path)
        head = rows[0]
        check(head[:4] == ["Id", "Revision", "Title", "State"], f"the columns are {head}")
        check(len(rows) - 1 == len(run_json("-C", store, "list", "threat")), "not every threat is a row")
        before = last(store)
        out = bring(store, path)
        check("0 change, 0 new" in out.stderr and last(store) == before, f"an unchanged table changed something: {out.stderr}")
        title, stride = head.index("Title"), next(i for i, h in enumerate(head) if "STRIDE" in h)
        was = rows[1][title]
        rows[1][title] = "=HYPERLINK(\"x\") \U0001f600, two\nlines are refused"
        write(path, rows)
        out = bring(store, path, code=3)
        check("row 2" in out.stderr and rows[1][0] in out.stderr and "Title" in out.stderr, f"the row or column is not named: {out.stderr}")
        rows[1][title] = "=HYPERLINK(\"x\") \U0001f600"
        rows[2][stride] = "denial of service"
        rows.append([""] * len(head))
        rows[-1][title] = "+1 by hand"
        for i, h in enumerate(head):
            rows[-1][i] = rows[-1][i] or (rows[1][i] if h in ("Devices",) or i == stride or "Category" in h else "")
        write(path, rows)
        shown = run("-C", store, "import", "table", path, "--dry-run")
        check(was in shown.stdout and "HYPERLINK" in shown.stdout and last(store) == before, f"no old and new: {shown.stdout}")
        check(run("-C", store, "import", "table", path, "--reason", WHY, code=2).stderr.find("--yes") > 0, "no question about it")
        check(run("-C", store, "import", "table", path, "--yes", code=3).stderr.find("10 characters") > 0, "no reason was asked for")
        check(last(store) == before + 1, "the refused command left more than its trace")
        bring(store, path)
        check(run_json("-C", store, "show", rows[1][0])["title"] == rows[1][title], "the title did not come through")
        entries = run_json("-C", store, "log", "--limit", "4")
        check([e["act"] for e in entries] == ["record.new", "record.save", "record.save", "table.import"], f"the log: {entries}")
        check(all(e["reason"].startswith(WHY) and e["source"] == "import" for e in entries), "the reason is not with each")
        again = os.path.join(folder, "again.csv")
        run("-C", store, "list", "threat", "-o", f"csv={again}")
        text = open(again, encoding="utf-8").read()
        check("'=HYPERLINK" in text and "'+1 by hand" in text, "a formula went out unguarded")
        check("0 change, 0 new" in bring(store, again).stderr, "the guard came back as a change")
        out = bring(store, path, code=6)
        check("stands" in out.stdout or "saved revision" in out.stdout, f"a stale row is not named: {out.stdout}")
        run("-C", store, "verify")


def story_a_workbook_keeps_types_choices_and_hidden_columns():
    with Folder() as folder:
        store, path = os.path.join(folder, "s"), os.path.join(folder, "t.xlsx")
        demo_folder(store)
        run("-C", store, "list", "threat", "-o", f"xlsx={path}")
        one = open(path, "rb").read()
        run("-C", store, "list", "threat", "-o", f"xlsx={path}")
        check(open(path, "rb").read() == one, "the same list gives another workbook")
        parts = sheet_of(path)
        sheet = parts["xl/worksheets/sheet1.xml"].decode()
        check('hidden="1"' in sheet and "dataValidation" in sheet and "Record: threat" in sheet, "no hidden key or no choices")
        check("<f>" not in sheet, "a cell is a formula")
        check("0 change, 0 new" in bring(store, path).stderr, "an unchanged workbook changed something")
        words = run_json("-C", store, "show", "T-001")["title"]
        escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        check(escaped in sheet, "the title of T-001 is not in the sheet")
        parts["xl/worksheets/sheet1.xml"] = sheet.replace(escaped, "Edited in a workbook", 1).encode()
        put_sheet(path, parts)
        bring(store, path)
        check(run_json("-C", store, "show", "T-001")["title"] == "Edited in a workbook", "the cell did not come through")
        out = bring(store, path, code=6)
        cell = re.search(r"\b[A-Z]\d+\b", out.stdout)
        check("T-001" in out.stdout and cell, f"the stale cell is not named: {out.stdout}")
        hostile = {
            "formula": sheet.replace("<is><t>T-001</t></is>", "<f>1+1</f><v>2</v>", 1).replace(' t="inlineStr"><f>', '><f>', 1),
            "entity": sheet.replace("?>", '?><!DOCTYPE x [<!ENTITY a "aaaa">]>', 1),
            "broken": sheet[: len(sheet) // 2],
        }
        before = last(store)
        for name, text in hostile.items():
            parts["xl/worksheets/sheet1.xml"] = text.encode()
            put_sheet(path, parts)
            out = bring(store, path, code=3)
            check("Nothing was imported" in out.stderr, f"{name}: {out.stderr}")
        parts["xl/worksheets/sheet1.xml"] = b"<worksheet><sheetData>" + b" " * (64 << 20) + b"</sheetData></worksheet>"
        put_sheet(path, parts)
        out = bring(store, path, code=3)
        check("200 times" in out.stderr or "16 MiB" in out.stderr, f"a bomb: {out.stderr}")
        for junk in (b"junk", b"Id,Title\n\"", b"\xff\xfe", bytes(64)):
            open(path, "wb").write(junk)
            said = bring(store, path, code=3).stderr
            check("is not a workbook" in said or "neither CSV" in said, f"junk by the name of a workbook: {said}")
        check(last(store) == before, "a hostile workbook left something")


def story_one_bad_row_of_ten_thousand():
    with Folder() as folder:
        store, path = os.path.join(folder, "s"), os.path.join(folder, "t.csv")
        run("init", store, "--admin", "anna@acme.example")
        run("-C", store, "new", "product", "title=Linnet", "intended_use=Glucose", "--id", "linnet")
        head = ["Id", "Revision", "Title", "Devices", "Category", "STRIDE class"]
        fields = {f["label"] for t in run_json("-C", store, "model")["types"] if t["name"] == "threat" for f in t["fields"] if "label" in f}
        if fields:
            head[5] = next(f for f in fields if "STRIDE" in f)
            head[4] = next((f for f in fields if "ategory" in f or f == "Kind"), head[4])
        rows = [head] + [["", "", f"Threat number {i}", "linnet", "attack", "spoofing"] for i in range(10000)]
        rows[7001][3] = "lint"
        write(path, rows)
        before = last(store)
        out = bring(store, path, "--type", "threat", code=3)
        check("row 7002" in out.stderr and "Devices" in out.stderr, f"the row and column are not named: {out.stderr}")
        check(last(store) == before, "something was imported")
        rows[7001][3] = "linnet"
        write(path, rows)
        bring(store, path, "--type", "threat")
        check(len(run_json("-C", store, "list", "threat")) == 10000, "not all came in")
        check(last(store) == before + 10001, "not one entry for each")


def story_tables_on_the_pages():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", os.path.join(folder, "s")) as server:
        v = Visitor(server).sign_in("ines")
        page = v.open("/list/threat?q=stride:tampering")
        link = re.search(r'href="(/list/threat\.csv\?q=[^"]+)"', page)
        check(link and "tampering" in link.group(1), "the file of a list does not keep the filter")
        text = v.open(link.group(1))
        check("attachment" in v.headers["Content-Disposition"] and "text/csv" in v.headers["Content-Type"], str(v.headers))
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
        check(1 < len(rows) < 1 + len(run_json("-C", os.path.join(folder, "s"), "list", "threat")), "the filter was lost")
        v.open("/import")
        form = {"csrf": v.csrf(), "type": ""}
        rows[1][2] = "Changed <b>on a page</b>"
        data = io.StringIO()
        csv.writer(data).writerows(rows)
        v.upload("/import", "t.csv", data.getvalue().encode(), form)
        check(v.status == 200 and "<ins>Changed &lt;b&gt;" in v.page and "Import 1 change<" in v.page, f"no diff: {v.status} {v.page[-1500:]}")
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', v.page[v.page.index("/import/accept"):])
        import html
        fields = {k: html.unescape(x) for k, x in fields}
        edge = "edge-1"
        body = "".join(f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{x}\r\n' for k, x in {**fields, "reason": WHY}.items())
        v.open("/import/accept", (body + f"--{edge}--\r\n").encode(), f"multipart/form-data; boundary={edge}")
        check(v.status == 200 and "/list/threat" in v.url, f"not imported: {v.status} {v.page[-800:]}")
        check("Changed &lt;b&gt;" in v.open(f"/r/{rows[1][0]}"), "the record was not changed")
        v.open("/import/accept", (body + f"--{edge}--\r\n").encode(), f"multipart/form-data; boundary={edge}")
        check(v.status == 412 and rows[1][0] in v.page, f"the second time is not stale: {v.status}")
        v.open("/import")
        v.upload("/import", "t.csv", data.getvalue().encode(), {**form, "csrf": v.csrf()})
        check(v.status == 412 and "saved revision" in v.page, f"a stale row is not shown: {v.status}")


def story_a_table_is_no_way_to_read_what_is_not_yours():
    with Folder() as folder:
        store, path = os.path.join(folder, "s"), os.path.join(folder, "t.csv")
        run("init", store, "--admin", "anna@acme.example")
        for device in ("linnet", "siskin"):
            run("-C", store, "new", "product", f"title=Device {device}", "intended_use=Glucose", "--id", device)
            run("-C", store, "new", "threat", f"title=Secret of {device}", f"products={device}", "category=attack", "stride=spoofing", "--id", f"T-{device}")
        run("-C", store, "user", "add", "bert", "--name", "Bert", "--roles", "engineer", "--product", "linnet", "--no-password")
        write(path, [["Id", "Revision", "Title"], ["T-siskin", "1", "x"], ["T-nothing", "1", "x"], ["T-linnet", "1", "Mine"]])
        out = run("-C", store, "--as", "bert", "import", "table", path, "--type", "threat", "--reason", WHY, "--yes", code=3)
        told = [line.split("\t") for line in out.stdout.splitlines()]
        check(len(told) == 2 and told[0][2:] == told[1][2:] and "Secret" not in out.stdout + out.stderr, f"it tells a record from none: {out.stdout}")
