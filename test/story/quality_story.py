"""Documents take effect when their people are trained; training is proven, not ticked; steps wait for what must hold."""
import csv
import io
import os
import re

from story import Folder, Server, Visitor, check, run, run_json

DEMO = "demo"
PEOPLE = ["ines", "tomas", "amara", "lena", "priya", "jonas", "kofi", "yuki", "marek", "sofia", "paul", "grete", "ali", "nb-auditor"]


def answers(folder, course, right):
    """Ticks as the form sends them: all the right ones, or the first wrong one of each question."""
    ticks, question, answer, taken = [], 0, 0, False
    for line in run_json("-C", folder, "show", course)["fields"]["questions"].splitlines():
        if line.startswith("?"):
            question, answer, taken = question + 1, 0, False
            continue
        answer += 1
        if line.startswith("+") == right and (right or not taken):
            ticks.append(f"{question}.{answer}")
            taken = True
    return ticks


def sign(visitor, record, step):
    visitor.open(f"/r/{record}/sign/{step}")
    visitor.post("/sign", {**visitor.form("sign"), "password": DEMO})
    check(visitor.status == 200, f"signing {step} on {record}: {visitor.status} {visitor.page[-600:]}")


def my_training(visitor, document):
    visitor.open(f"/document/{document}")
    found = re.search(r'href="/training/([A-Z]+-\d+)"', visitor.page)
    check(found, f"{visitor.url} leads to no training")
    return found.group(1)


def password_file(folder):
    path = os.path.join(folder, "pw.txt")
    with open(path, "w") as f:
        f.write(DEMO + "\n")
    return path


def fields_of(visitor, rev):
    return {"csrf": visitor.csrf(), "do": "done", "rev": rev, "password": DEMO}


def story_a_document_takes_effect_when_its_people_are_trained():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        text = "# Purpose\n\nOne file, <script>alert(1)</script> **one** truth.\n\n- [bad](javascript:alert(1))\n- [good](/documents)"
        run("-C", folder, "--as", "priya", "set", "SOP-01", f"content={text}", "--reason", "Periodic review of the procedure")
        author = Visitor(server).sign_in("priya")
        check("What changed in this revision" in author.open("/r/SOP-01/sign/submit"), f"a revision without its reason: {author.status}")
        refused = run("-C", folder, "--as", "priya", "sign", "SOP-01", "submit", env={"PROOFLINE_PASSWORD_FILE": password_file(folder)}, code=6)
        check("What changed in this revision" in refused.stderr, f"a revision without its reason: {refused.stderr}")
        run("-C", folder, "--as", "priya", "set", "SOP-01", "change_reason=Shorter, and safer", "training_impact=quiz",
            "--reason", "The reason of this revision")
        # T-SOD on a document: everybody who wrote in it since the last approval, and reviewer and approver are two
        run("-C", folder, "--as", "ines", "set", "SOP-01", "change_reason=Shorter, safer, and clearer", "--reason", "A better reason")
        refused = run("-C", folder, "--as", "priya", "state", "SOP-01", "submit", code=4)
        check("proofline sign SOP-01 submit" in refused.stderr, f"a document goes to its review without its author's signature: {refused.stderr}")
        check("its author signs this" in Visitor(server).sign_in("lena").open("/r/SOP-01/sign/submit"), "somebody who wrote nothing signs as the author")
        sign(author, "SOP-01", "submit")
        lena, tomas = Visitor(server).sign_in("lena"), Visitor(server).sign_in("tomas")
        for login, rule in (("ines", "SOD-1"), ("priya", "needs the role")):
            page = Visitor(server).sign_in(login).open("/r/SOP-01/sign/approve")
            check(rule in page, f"{login} may approve: {page[-800:]}")
        sign(tomas, "SOP-01", "approve")
        check(run_json("-C", folder, "show", "SOP-01")["state"] == "in_review", "one signature approves a document (SOD-2)")
        check("You signed" in tomas.open("/r/SOP-01/sign/approve"), "the reviewer approves as well")
        sign(lena, "SOP-01", "approve")
        signed = [(s["name"].split()[0], s["kind"], s["meaning"]) for s in run_json("-C", folder, "show", "SOP-01")["signatures"][-3:]]
        check([s[:2] for s in signed] == [("Priya", "authored"), ("Tomas", "reviewed"), ("Lena", "approved")] and
              "I reviewed" in signed[1][2] and "I approve" in signed[2][2], f"what was signed: {signed}")
        rev = run_json("-C", folder, "show", "SOP-01")["revision"]
        refused = run("-C", folder, "--as", "lena", "state", "SOP-01", "make_effective", code=6)
        check(f"14 people are not trained on revision {rev}" in refused.stderr, f"effective without training: {refused.stderr}")
        wrong, right = answers(folder, "CUR-01", False), answers(folder, "CUR-01", True)
        for login in PEOPLE:
            visitor = Visitor(server).sign_in(login)
            training = my_training(visitor, "SOP-01")
            visitor.open(f"/training/{training}")
            check("<script>alert" not in visitor.page and "&lt;script&gt;" in visitor.page and 'href="javascript' not in visitor.page,
                  "the text of a document became markup")
            check(not re.search(r'value="\d+\.\d+" checked', visitor.page) and "class=\"right" not in visitor.page, "the page gives answers away")
            if login == "kofi":
                visitor.post(f"/training/{training}", {**fields_of(visitor, rev), "answer": right, "password": "wrong"})
                check(visitor.status == 401, f"read and understood without the password: {visitor.status}")
                visitor.post(f"/training/{training}", {**fields_of(visitor, 1), "answer": right})
                check(visitor.status == 412 and "counts now" in visitor.page, f"an older revision was read: {visitor.status}")
                visitor.post(f"/training/{training}", {**fields_of(visitor, rev), "answer": wrong})
                check(visitor.status == 200 and "not passed" in visitor.page, f"a failed quiz: {visitor.status}")
                check(run_json("-C", folder, "show", training)["state"] == "in_progress", "a failed quiz closes the training")
                other = Visitor(server).sign_in("yuki")
                other.open(f"/training/{training}")
                other.post(f"/training/{training}", {**fields_of(other, rev), "answer": right})
                check(other.status == 403, f"somebody else passes for kofi: {other.status}")
                visitor.open(f"/training/{training}")
            visitor.post(f"/training/{training}", {**fields_of(visitor, rev), "answer": right})
            check(visitor.status == 200 and "This training is closed" in visitor.page, f"{login} passes: {visitor.status}")
        done = run_json("-C", folder, "show", training)
        check(done["state"] == "completed" and done["fields"]["revision_taught"] == rev and done["fields"]["score"] == 100, f"{done}")
        run("-C", folder, "--as", "lena", "state", "SOP-01", "make_effective")
        lena.open("/document/SOP-01")
        check("14 of 14 people are trained" in lena.page and "in force" in lena.page, "the page does not say who is trained")
        lena.open("/document/SOP-01?rev=1")
        check("Obsolete revision" in lena.page and f"Revision {rev} is in force" in lena.page, "an old revision is not marked")
        lena.open(f"/diff?from=SOP-01@1&to=SOP-01@{rev}")
        check(lena.status == 200, f"what changed between revisions: {lena.status}")
        run("-C", folder, "verify", "--all")


def story_training_is_attested_by_another_and_gates_signatures():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        ali, jonas = Visitor(server).sign_in("ali"), Visitor(server).sign_in("jonas")
        ali.open("/competence?person=Ali+Haddad&state=overdue")
        check("overdue" in ali.page and "Kofi Mensah" not in ali.page, "the matrix does not show who is late")
        training = my_training(ali, "SOP-12")
        ali.open(f"/training/{training}")
        check("attested by somebody who sees you" in ali.page, "a drill offers a form to the one who is trained")
        form = {"csrf": ali.csrf(), "do": "attest", "result": "passed", "password": DEMO}
        ali.post(f"/training/{training}", form)
        check(ali.status == 403, f"ali attests ali: {ali.status}")
        for result, state in (("failed", "in_progress"), ("passed", "completed")):
            jonas.open(f"/training/{training}")
            jonas.post(f"/training/{training}", {**form, "csrf": jonas.csrf(), "result": result, "note": "Gateway restored in 41 minutes"})
            check(jonas.status == 200, f"attesting {result}: {jonas.status}")
            check(run_json("-C", folder, "show", training)["state"] == state, f"{result} does not lead to {state}")
        shown = run_json("-C", folder, "show", training)["fields"]
        check(len(shown["attempts"]) == 2 and "attested by Jonas Wiik: Gateway" in shown["attempts"][1], f"tries: {shown['attempts']}")
        jonas.open("/competence?state=overdue")
        check("Ali Haddad" not in jonas.page, "who was trained is still late")
        run("-C", folder, "verify", "--all")


def story_steps_wait_for_what_must_hold():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder):
        def refused(who, record, step, words):
            answer = run("-C", folder, "--as", who, "state", record, step, code=6)
            check(words in answer.stderr, f"{step} on {record}: {answer.stderr}")

        def signed(who, record, step, code=0):
            return run("-C", folder, "--as", who, "sign", record, step, env={"PROOFLINE_PASSWORD_FILE": password_file(folder)}, code=code).stderr
        need = run_json("-C", folder, "--as", "kofi", "new", "requirement", "title=Log refused commands", "products=sorrel-p1",
                        "kind=security", "statement=The pump shall log each refused command.")["id"]
        refused("kofi", need, "submit", "A security requirement says what it derives from")
        refused("kofi", need, "submit", "It needs at least 1 link 'Allocated to' (to: element).")
        run("-C", folder, "--as", "kofi", "set", need, "derives_from=T-001", "allocated_to=P1")
        run("-C", folder, "--as", "kofi", "state", need, "submit")
        capa = run_json("-C", folder, "--as", "ines", "new", "capa", "title=Keys were logged", "kind=corrective",
                        "problem_text=Keys in the log of one build.", "raised_from=T-001")["id"]
        check("What was done at once is written." in signed("ines", capa, "contain", 6), "what was done at once is not asked for")
        run("-C", folder, "--as", "ines", "set", capa, "containment=Logs deleted, keys changed.")
        check("proofline sign" in run("-C", folder, "--as", "ines", "state", capa, "contain", code=4).stderr, "a step of a CAPA without a signature")
        signed("ines", capa, "contain")
        check(run_json("-C", folder, "show", capa)["signatures"][-1]["kind"] == "responsible", "what the signature of a step says")
        run_id = run_json("-C", folder, "--as", "kofi", "new", "test_run", "title=Run", "executes=TC-001", "on=REL-210")["id"]
        run("-C", folder, "--as", "kofi", "link", run_id, "executes", "TC-002", code=3)
        run("-C", folder, "--as", "kofi", "state", run_id, "start")
        refused("kofi", run_id, "complete", "The result is entered.")
        retired = run("-C", folder, "--as", "tomas", "state", "SEC-001", "retire", "--reason", "No longer needed here", code=6)
        check("Still used by" in retired.stderr, f"retiring what is used: {retired.stderr}")
        run("-C", folder, "verify", "--all")


def story_the_model_prints_itself():
    lives = {row[0] for row in csv.reader(io.StringIO(run("model", "states", "-o", "csv").stdout.lstrip("\ufeff")))} - {"Lifecycle"}
    check(lives == {"document", "item", "case", "execution", "release", "supplier", "submission", "report", "external", "vex", "risk", "capa", "person"},
          f"thirteen lifecycles: {sorted(lives)}")
    rows = list(csv.reader(io.StringIO(run("model", "steps", "-o", "csv").stdout.lstrip("\ufeff"))))
    head = rows[0]
    check(len({len(r) for r in rows}) == 1 and "Auditor" in head, "the role x step matrix is no rectangle")
    approve = next(r for r in rows if r[0] == "requirement" and r[1] == "approve")
    check(approve[head.index("Approver")] == "x" and approve[head.index("Engineer")] == "", f"who approves: {approve}")
    links = run_json("model", "links")
    flows = next(r for r in links["rows"] if r[0] == "executes" and r[1] == "test_run")
    check(flows[links["columns"].index("How many")] == "1", f"a run of one test: {flows}")
    text = run("model", "-o", "md").stdout
    check(all(f"\n## {t}\n" in text for t in ("Record types", "Fields", "Steps and roles", "Links", "Lifecycles", "Guards")), "tables")
    check(len(run_json("model")["types"]) >= 78, "types")
    run("model", "stepz", code=2)
