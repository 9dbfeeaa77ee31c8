"""Any day of the past can be asked for."""
import datetime
import json
import os
import re

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


def story_checks_and_matrix_are_asked_of_a_day():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            today = datetime.datetime.now(datetime.timezone.utc).date()
            ago = lambda days: str(today - datetime.timedelta(days=days))
            now = run_json("-C", folder, "--as", "ines", "check", "--device", "sorrel-p1", "--fail-on", "none")
            again = run_json("-C", folder, "check", "--device", "sorrel-p1", "--fail-on", "none", "--asof", str(today))
            found = lambda run: (run["packs"], [(g["rule"], g["record"]) for g in run["gaps"]])
            check(found(now) == found(again), "the checks of today differ from the checks as of today")
            then = run_json("-C", folder, "check", "--device", "sorrel-p1", "--fail-on", "none", "--asof", ago(60))
            check(found(then) != found(now), "two months ago everything was as it is now")
            run("-C", folder, "check", "--device", "sorrel-p1", "--asof", ago(4000), code=5)
            rows = run_json("-C", folder, "matrix", "sorrel-p1")
            past = run_json("-C", folder, "matrix", "sorrel-p1", "--asof", ago(250))
            check(rows and past and rows != past, "the matrix does not change with the day")
            check(run_json("-C", folder, "matrix", "sorrel-p1", "--asof", str(today)) == rows, "the matrix of today differs from the matrix as of today")
            visitor = Visitor(server).sign_in("ines")
            visitor.open(f"/d/sorrel-p1?asof={ago(60)}")
            day = f"asof={ago(60)}"
            check("As it stood on" in visitor.page and "Run checks" not in visitor.page, "the cockpit does not show the past")
            check(f'href="/d/sorrel-p1/trace?{day}"' in visitor.page, "a link leaves the past")
            check('href="/d/sorrel-p1"' in visitor.page, "there is no way back to now")
            visitor.open(f"/d/sorrel-p1/gaps?{day}")
            check("found it on" in visitor.page or "no run was stored by then" in visitor.page, "what tables cannot say is not said")
            visitor.open(f"/d/sorrel-p1/trace?{day}")
            check(f'name="asof" value="{ago(60)}"' in visitor.page, "the filter form leaves the past")
            visitor.open(f"/list/threat?{day}&q=state:draft")
            check("/new/threat" not in visitor.page and "As it stood on" in visitor.page, "a record can be made in the past")
            visitor.open(f"/search?q=T-001&{day}")
            check(day in visitor.url, "a jump to an id leaves the past")


def story_every_list_record_matrix_and_check_takes_a_day():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "asof.data"), encoding="utf-8") as f:
        rows = [[p.strip() for p in line.split("|", 1)] for line in f if line.strip() and not line.startswith("#")]
    known = {name for name, _ in rows}
    with open(os.path.join(here, "../../src/app/page/routes.c"), encoding="utf-8") as f:
        routes = re.findall(r'\{ (GET, "[^"]+")', f.read())
    unknown = {r.replace(", ", " ").replace('"', "") for r in routes} - known
    check(not unknown, f"routes without a row in asof.data: {unknown}")
    takes = [c for c in re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +\S", run("help").stdout, re.M)
             if c == "check" or c.split()[-1] in ("list", "show", "log", "history", "search", "matrix", "sboms", "diff", "table")]
    check(not set(takes) - known - {"diff"}, f"commands without a row in asof.data: {set(takes) - known}")
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        today = datetime.datetime.now(datetime.timezone.utc).date()
        day, before = str(today - datetime.timedelta(days=60)), str(today - datetime.timedelta(days=400))
        training = [r["id"] for r in run_json("-C", folder, "list", "training", "--asof", day)][0]
        visitor, pages_of_now = Visitor(server).sign_in("nb-auditor"), []
        for name, example in rows:
            if example.startswith("-"):
                pages_of_now += [name.split()[1]] if name.startswith("GET /") and "{" not in name and "form" not in example else []
                continue
            if not name.startswith("GET "):
                then = run("-C", folder, "-o", "json", *example.split(), "--asof", day).stdout
                now = run("-C", folder, "-o", "json", *example.split()).stdout
                check(then and (then != now or name not in ("list", "log", "check")), f"{name} says the same of that day and of now")
                continue
            url = example.replace("TRAINING", f"/training/{training}")
            page = visitor.open(f"{url}{'&' if '?' in url else '?'}asof={day}")
            check(visitor.status == 200, f"{url} as of {day}: {visitor.status}")
            if "/rest/" not in url:
                check(f"As it stood on" in page and day in page, f"{url} does not say the day")
                check('method="post"' not in page.replace('action="/sign-out"', "").split("<main", 1)[-1] or name == "GET /", f"{url}: something can be done in the past")
            elif "{id}" not in name:
                check(json.loads(page)["asof"].startswith(day), f"{url} does not say the day")
        for url in pages_of_now:
            page = visitor.open(f"{url}?asof={day}")
            check(visitor.status != 200 or "</main>" not in page or f"shows now, not {day}" in page, f"{url} shows now where {day} was asked for, and does not say so")
        one = json.loads(visitor.open(f"/rest/v1/threat/T-001?asof={day}"))
        shown = run_json("-C", folder, "show", "T-001", "--asof", day)
        check((one["revision"], one["state"]) == (shown["revision"], shown["state"]), "page and command differ on the day")
        check("T-001" not in visitor.open(f"/rest/v1/threat?asof={before}"), "a record before it was made")
        visitor.open(f"/documents?asof={before}")
        check("0 documents" in visitor.page, "documents before the first entry")
        visitor.open(f"/competence?asof={before}")
        check("0 people" in visitor.page, "trainings before the first entry")
