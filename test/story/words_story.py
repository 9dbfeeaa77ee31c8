"""What people read are names, words and times; ids of accounts and names of entries are for programs."""
import re

from story import Folder, Server, Visitor, check, run


def story_people_stand_with_their_names():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        visitor = Visitor(server).sign_in("ines")
        account = re.compile(r"\bU\d{6}\b")
        visitor.open("/r/R-01")
        check("Dr. Amara Osei, Lena Brandt" in visitor.page, "those who accepted a risk are not named")
        check(not account.search(visitor.page), "the record shows the number of an account")
        check(re.search(r"<time[^>]*>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC</time>", visitor.page), "a signature has no time with its zone")
        visitor.open("/r/R-01/edit")
        check(re.search(r'<input type="checkbox" name="accepted_by" value="U\d{6}" checked> Lena Brandt', visitor.page), "several people are not ticked by name")
        fields = visitor.form("edit")
        before = fields["accepted_by"]
        check(isinstance(before, list) and len(before) == 2, f"two people accepted it: {before}")
        fields.update(accepted_by=before[:1], owner=before[0], reason="One of them has left the company")
        visitor.post("/r/R-01/edit", fields)
        check(visitor.status == 200 and "Lena Brandt</p>" not in visitor.page, "a person who was unticked stays")
        visitor.open("/r/R-01/history")
        check("added a link, which made revision 2" in visitor.page and "record.link" not in visitor.page, "the history names entries, not acts")
        check(not account.search(visitor.page), "the history shows the number of an account")
        visitor.open("/diff?from=R-01@2&to=R-01@3")
        check("Dr. Amara Osei" in visitor.page and not account.search(visitor.page), "a comparison shows the number of an account")


def story_the_audit_trail_fits_a_page():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        visitor = Visitor(server).sign_in("ines")
        visitor.open("/log")
        check(re.search(r'title="signature:[0-9a-f]{64}">signature:[0-9a-f]{10}…<', visitor.page), "a signature's hash stands in its whole length")
        # by person, act and record: what is shown fits, and older ones are reached under the same question
        lena = re.search(r'<option value="(U\d+)">Lena Brandt<', visitor.page).group(1)
        visitor.open(f"/log?person={lena}&act=record.sign")
        rows = re.findall(r'<th scope="row" class="nowrap">([^<]*)</th><td>(\S+)', visitor.page)
        check(len(rows) == 100 and all(who == "Lena Brandt" and act.startswith("record.sign") for who, act in rows), f"not by that person: {rows[:3]}")
        older = re.search(r'<a href="(/log\?[^"]*before=\d+)">Older', visitor.page).group(1).replace("&amp;", "&")
        check(lena in older and "act=record.sign" in older, f"the next page forgets the question: {older}")
        seen = int(re.search(r'<td class="num">([\d,]+)<', visitor.page).group(1).replace(",", ""))
        visitor.open(older)
        first = int(re.search(r'<td class="num">([\d,]+)<', visitor.page).group(1).replace(",", ""))
        check(first < seen and "Newest" in visitor.page, f"older than {seen} is {first}")
        visitor.open("/log?object=T-001")
        check("T-001@1" in visitor.page and "T-002@" not in visitor.page, "another record's entries are shown")
        visitor.open("/log?act=no.such.act")
        check("No entry fits here." in visitor.page, "an empty answer has no words")
        mine = run("-C", folder, "-o", "json", "log", "--person", "lena", "--did", "record.step", "--limit", "5").stdout
        check(mine.count('"record.step"') == 5, f"the command line does not pick: {mine[:300]}")
        check("nobody" in run("-C", folder, "log", "--person", "nobody", code=5).stderr, "an unknown person is not named")
        visitor.open("/model?table=steps&q=clinical+safety")
        check("evaluate" not in visitor.page and '<td class="turn">x</td>' in visitor.page, "the steps of a role cannot be asked for")
        visitor.open("/setup/risk")
        check("S1 negligible" in visitor.page and "E1 needs physical" in visitor.page, "the scales are shown without their words")
        check("To the next step" in visitor.page and "Leave this step out" not in visitor.page, "a step that is done can be left out")


def story_a_wrong_command_line_is_answered_with_what_is_right():
    for line, words in (("user", "needs a second word: user add, user list"), ("user fo", "needs a second word"), ("liste threat", "Did you mean 'list'"),
                        ("-C", "-C needs a value: DIR"), ("list threat --asf 3", "no option --asf. Did you mean --asof?"), ("verify --asof 2026-01-01", "no option --asof. See")):
        said = run(*line.split(), code=2).stderr
        check(words in said, f"proofline {line}: {said}")
    check("user grant" in run("help", "user").stdout and "--as LOGIN" in run("help").stdout, "help hides commands or options")
