"""My work: deadlines for who meets them, the overdue ones first; and what a first start left out."""
import datetime
import re

from story import Folder, Server, Visitor, check, run_json


def day(n):
    return (datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=n)).isoformat()


def story_deadlines_wait_for_who_meets_them():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        def clock(title, due, *more):
            return run_json("-C", folder, "--as", "lena", "new", "clock", f"title={title}", "products=sorrel-p1", "rule=CK-21",
                            f"starts={day(-30)}", f"due={day(due)}", *more)["id"]

        def groups(login):
            page = Visitor(server).sign_in(login).open("/work")
            return {title: re.findall(r"CLK-[0-9]+(?=</a>)", body)
                    for title, body in re.findall(r'<h2 id="t-(late|soon|later)">(.*?)</section>', page, re.S)}, page

        two, one = clock("Two days late", -2, "owner=lena", "of=CAPA-0004"), clock("Ten days late", -10, "owner=lena", "of=CAPA-0004")
        today, other = clock("Ends today", 0, "owner=lena", "of=CAPA-0004"), clock("Somebody else meets it", 3, "owner=priya", "of=CERT-1")
        through = clock("For what kofi owns", 20, "owner=priya", "of=SEC-001")
        shown, page = groups("lena")
        check(shown["late"] == [one, two], f"overdue: {shown}")
        check(shown["soon"][0] == today and "CLK-0002" in shown["soon"], f"soon: {shown}")
        check("CLK-0003" in shown["later"] and other not in sum(shown.values(), []), f"later, and not another's: {shown}")
        check("10 days late" in page and ">today<" in page and page.index("Overdue") < page.index("Due in 14 days") < page.index("Due later"), "the order, or the words")
        check(re.search(r"SEC-001</td><td>Priya", page) is None, "a clock of another for another's record")
        owner = run_json("-C", folder, "show", "SEC-001")["owner"]
        login = next(p["login"] for p in run_json("-C", folder, "user", "list") if p["id"] == owner or p["login"] == owner)
        check(through in groups(login)[0]["later"], f"{login} owns what the clock runs for")
        auditor, page = groups("nb-auditor")
        check(not auditor and re.search(r"Nothing waits for you\. \d+ deadlines run in your devices", page), f"an auditor: {auditor}")
        check("steps of setting up" not in page + groups("lena")[1], "the sample is set up")
