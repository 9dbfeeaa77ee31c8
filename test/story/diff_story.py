"""What changed, between two days and between two revisions."""
import datetime

from story import Folder, Server, Visitor, check, run, run_json


def story_what_changed_is_told():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            before = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            run("-C", folder, "--as", "ines", "new", "user_need", "title=<b>Diff & threat</b>", "statement=One can see what changed", "products=sorrel-p1", "--id", "THR-900")
            run("-C", folder, "--as", "ines", "set", "T-001", "title=A new title", "--reason", "told more exactly")
            told = run_json("-C", folder, "diff", before, "now")
            rows = {r["id"]: r for r in told["records"]}
            check(set(rows) == {"THR-900", "T-001"}, f"other records than those that changed: {set(rows)}")
            check(rows["THR-900"]["kind"] == "added" and rows["THR-900"]["revision_before"] == 0, "a new record is not told as added")
            title = [c for c in rows["T-001"]["changes"] if c["field"] == "Title"][0]
            check(title["after"] == "A new title" and title["before"] not in ("", title["after"]), "old and new are not both told")
            check(rows["T-001"]["state_before"] == "approved" and rows["T-001"]["state_after"] == "draft", "the change of state is not told")
            swapped = run_json("-C", folder, "diff", "now", before)
            check([r["kind"] for r in swapped["records"]] == [r["kind"] for r in told["records"]], "the order of the days matters")
            revision = run_json("-C", folder, "diff", "T-001@1")
            check([c["field"] for c in revision["records"][0]["changes"]] == ["Title"], "two revisions are not compared field by field")
            check(run_json("-C", folder, "diff", before, "now", "--device", "nothing")["records"] == [], "a record of another device")
            check(run_json("-C", folder, "diff", "2000-01-01", "2000-01-02")["records"] == [], "something changed before the first entry")
            for wrong in (["yesterday"], ["2026-02-30"], ["T-001@x"], ["T-001@99"], ["2000-01-01", "T-001@1"], ["2999-01-01"]):
                out = run("-C", folder, "diff", *wrong, code=5 if wrong[0] in ("yesterday", "2026-02-30", "T-001@99") else 2)
                check("error" in out.stderr, f"diff {wrong} says nothing")
            visitor = Visitor(server).sign_in("ines")
            visitor.open(f"/diff?from={before}&to=now")
            check("&lt;b&gt;Diff &amp; threat&lt;/b&gt;" in visitor.page and "<b>Diff" not in visitor.page, "a title is not text on the page")
            check("<ins>A new title</ins>" in visitor.page, "old and new do not stand side by side")
            visitor.open("/diff?from=nonsense")
            check(visitor.status == 404 and 'value="nonsense"' in visitor.page, "what was typed is lost")
            visitor.open("/diff?from=T-001@1")
            check(visitor.status == 200 and "revision 1 to" in visitor.page, "two revisions are not compared on the page")
