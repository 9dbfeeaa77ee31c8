"""Files, comments and views: what stands beside the records, and what of it a hostile hand may try."""
import hashlib
import urllib.parse

from story import Folder, Server, Visitor, check, run, run_json

NASTY = '../../"; rm -rf /\r\nSet-Cookie: x.txt'


def attach(visitor, record, name, data, reason="added for the story"):
    """The form of the page, with a file name that a browser would not send."""
    visitor.open(f"/r/{record}")
    edge, csrf = "story-edge-44", visitor.csrf()
    body = b""
    for key, value in {"csrf": csrf, "reason": reason}.items():
        body += f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
    body += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + data + f"\r\n--{edge}--\r\n".encode()
    return visitor.open(f"/r/{record}/file", body, f"multipart/form-data; boundary={edge}")


def story_files_are_kept_by_hash():
    with Folder() as folder, Folder() as other:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            visitor = Visitor(server).sign_in("ines")
            data = b"%PDF-1.7 the report"
            attach(visitor, "T-001", "../../../etc/report.pdf", data)
            check("report.pdf" in visitor.page and "etc/" not in visitor.page and visitor.status == 200, "the file does not stand on the record's page")
            digest = hashlib.sha256(data).hexdigest()
            shown = run_json("-C", folder, "show", "T-001")
            check([(f["name"], f["sha256"], f["media"], f["bytes"]) for f in shown["files"]] == [("report.pdf", digest, "application/pdf", len(data))],
                  f"the revision does not name the file: {shown.get('files')}")
            check(shown["state"] == "draft" and shown["revision"] == 2, "a file must be a new revision, so that no signature covers what was not signed")
            visitor.open(f"/r/T-001/file/{digest}")
            head = visitor.headers
            check(visitor.page.encode() == data and "attachment" in head["Content-Disposition"] and head["X-Content-Type-Options"] == "nosniff", "the file is not given out as a download")
            check("sandbox" in head["Content-Security-Policy"] and "/" not in head["Content-Disposition"].split("filename*=")[0], "the file could run, or its name leads somewhere")
            visitor.open("/r/T-002/file/" + digest)
            check(visitor.status == 404, "a file is given out for a record that does not have it")
            for name, content, status in (("x.exe", b"MZ", 415), ("x.pdf", b"\x89PNG\r\n\x1a\n", 415), ("x.txt", b"a\0b", 415), ("x.png", b"<svg onload=alert(1)>", 415), ("e.txt", b"", 422)):
                attach(visitor, "T-001", name, content)
                check(visitor.status == status, f"{name}: {visitor.status} instead of {status}")
            attach(visitor, "T-001", "page.html", b"<script>alert(1)</script>")
            page = hashlib.sha256(b"<script>alert(1)</script>").hexdigest()
            visitor.open(f"/r/T-001/file/{page}")
            check(visitor.headers["Content-Type"].startswith("application/octet-stream"), "a page of a stranger is given out as a page")
            path = other + "/log.txt"
            open(path, "w").write("two lines\nof a log\n")
            run("-C", folder, "--as", "ines", "attach", "T-002", path, "--name", NASTY, "--reason", "a name that is only data")
            check(run_json("-C", folder, "show", "T-002")["files"][0]["name"] == NASTY, "the name was changed")
            check(run("-C", folder, "file", "T-002", NASTY).stdout == "two lines\nof a log\n", "the bytes are not those that were added")
            visitor.open("/r/T-002")
            check("rm -rf" in visitor.page and visitor.headers["Set-Cookie"] is None, "the page breaks on the name")
            visitor.open("/r/T-002/file/" + hashlib.sha256(b"two lines\nof a log\n").hexdigest())
            check(visitor.headers["Set-Cookie"] is None and visitor.status == 200, "the name reaches the header")
            run("-C", folder, "attach", "T-002", path, "--as", "ines", "--reason", "short", code=3)


def story_comments_and_views():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            ines, amara = Visitor(server).sign_in("ines"), Visitor(server).sign_in("amara")
            ines.open("/r/T-001")
            ines.post("/r/T-001/comment", {"csrf": ines.csrf(), "text": "<script>alert(1)</script> @amara is this right? amara@example.org"})
            check("&lt;script&gt;alert(1)" in ines.page and "<script>alert" not in ines.page, "a comment is not text on the page")
            amara.open("/work")
            check("You are asked" in amara.page and "T-001" in amara.page, "who is called does not see it")
            amara.open("/r/T-001")
            amara.post("/r/T-001/comment", {"csrf": amara.csrf(), "text": "Yes.\nIt is.", "answers": "1"})
            check("answers <a href=\"#c1\">no. 1" in amara.page, "an answer does not say what it answers")
            amara.open("/work")
            check("You are asked" not in amara.page, "an answered call stays on the list")
            ines.open("/r/T-001")
            for wrong in ({"text": "  "}, {"text": "x" * 20000}, {"text": "x", "answers": "99"}):
                ines.post("/r/T-001/comment", {"csrf": ines.csrf(), **wrong})
                check(ines.status in (422, 404), f"a comment that cannot be: {ines.status}")
                ines.open("/r/T-001")
            check(run_json("-C", folder, "show", "T-001")["revision"] == 1, "a comment changed the record")
            ines.open("/list/threat?q=stride:tampering")
            ines.post("/view", {"csrf": ines.csrf(), "name": "Mine <b>", "type": "threat", "query": "stride:tampering", "shared": ""})
            check("Mine &lt;b&gt;" in ines.page and "Remove view" in ines.page, "a saved view is no tab")
            ines.post("/view", {"csrf": ines.csrf(), "name": "All open", "type": "threat", "query": "is:open", "shared": "sorrel-p1"})
            amara.open("/list/threat")
            check("All open" in amara.page and "Mine" not in amara.page, "a shared view is not shared, or a private one is")
            ines.open("/list/threat?q=is:open")
            ines.post("/view", {"csrf": ines.csrf(), "name": "Broken", "type": "threat", "query": "nosuchkey:1", "shared": ""})
            check(ines.status == 422, "a view that cannot be asked was saved")
            amara.post("/view", {"csrf": amara.csrf(), "type": "threat", "id": "VIEW-0001", "query": ""})
            check(amara.status == 404, "somebody else's view was removed")
            ines.open("/list/threat?q=stride:tampering")
            ines.post("/view", {"csrf": ines.csrf(), "type": "threat", "id": "VIEW-0001", "query": ""})
            check("Mine" not in ines.page, "a removed view stays")
        run("-C", folder, "verify")
