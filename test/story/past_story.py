"""Any day of the past can be asked for."""
import datetime

from story import Folder, Server, Visitor, check, run, run_json


def story_the_past_is_shown_as_it_stood():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            today = datetime.datetime.now(datetime.timezone.utc).date()
            now = run_json("-C", folder, "list", "all")
            again = run_json("-C", folder, "list", "all", "--asof", datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
            check(now == again, "as of now differs from now")
            long_ago = run_json("-C", folder, "list", "all", "--asof", str(today - datetime.timedelta(days=400)))
            check(long_ago == [], "records before the first entry")
            created = [e for e in run_json("-C", folder, "history", "T-001") if e["act"] == "record.new"][0]["time"][:10]
            day_after = str(datetime.date.fromisoformat(created) + datetime.timedelta(days=1))
            past = run_json("-C", folder, "show", "T-001", "--asof", day_after)
            check(past["state"] == "draft", f"the day after its creation T-001 was {past['state']}")
            run("-C", folder, "show", "T-001", "--asof", str(today - datetime.timedelta(days=400)), code=5)
            run("-C", folder, "show", "T-001", "--asof", "yesterday", code=2)
            visitor = Visitor(server).sign_in("ines")
            visitor.open(f"/r/T-001?asof={day_after}")
            check("As it stood on" in visitor.page and "Draft" in visitor.page, "the page does not show the past")
            check('action="/r/T-001/step"' not in visitor.page and "/r/T-001/edit" not in visitor.page, "the past can be changed")
            visitor.open(f"/list/threat?asof={day_after}")
            check("T-001" in visitor.page and "As it stood on" in visitor.page, "the list does not show the past")
            visitor.open("/r/T-001")
            check("As it stood on" not in visitor.page and "Approved" in visitor.page, "the past stays")
