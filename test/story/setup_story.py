"""A first start, from an empty folder to four steps done: each can be left out, opened again, and refused."""
import os
import re
import shutil
import subprocess

import story
from story import Folder, Visitor, check, run, run_json

PASSWORD = "four horses by the wide river"


class Started:
    """`serve --setup` in a new folder: its address and the code of its console."""

    def __init__(self, folder):
        self.data = os.path.join(folder, "new")
        self.process = subprocess.Popen([story.PROGRAM, "-C", self.data, "serve", "--setup", "--listen", "127.0.0.1:0"],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip().rstrip("/")
        self.code = ""
        while not re.fullmatch(r"[0-9a-f]{32}", self.code):
            line = self.process.stderr.readline()
            check(line, "no set-up code was printed")
            self.code = line.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()


def first(code):
    return {"setup_code": code, "company": "Acme Medical GmbH", "registration": "DE-MF-000012345, 3009876543", "markets": ["US", "EU"],
            "login": "ada", "name": "Ada Acme", "email": "ada@acme.example", "new": PASSWORD, "again": PASSWORD}


def story_a_first_start_in_four_steps():
    with Folder() as folder, Started(folder) as at:
        ada = Visitor(at)
        for path in ("/setup/company", "/setup/risk", "/setup/feeds", "/setup/people"):
            ada.open(path)
            check("Sign in" in ada.page and "Setting up" not in ada.page, f"{path} before anybody is there: {ada.status}")
        ada.open("/setup")
        check("Welcome" in ada.page and "Japan" in ada.page, "the first page does not ask for markets")
        ada.post("/setup", {**first(at.code), "company": "   "})
        check(ada.status == 422 and "company" in ada.page, f"a company without a name: {ada.status}")
        ada.post("/setup", {**first(at.code), "company": "x" * 501})
        check(ada.status == 422 and 'value="ada"' in ada.page, f"a name that no field holds: {ada.status}")
        ada.post("/setup", {**first("0" * 32)})
        check(ada.status == 403 and 'value="Acme Medical GmbH"' in ada.page and re.search(r'value="EU" checked', ada.page), "what was typed is gone")
        ada.post("/setup", first(at.code))
        check(ada.status == 200 and ada.url.endswith("/setup/risk") and "Step 2 of 4" in ada.page, f"after the first person: {ada.status} {ada.url}")
        check("Acme Medical GmbH" in ada.page, "the company's name does not stand on the page")
        ours = run_json("-C", at.data, "--as", "ada", "show", "ORG-0001")
        check(ours["fields"]["registration"] == ["DE-MF-000012345", "3009876543"] and ours["fields"]["markets"] == ["US", "EU"], f"the company: {ours['fields']}")

        # 2: the scales stand there in words; a wrong cell is named, and nothing is lost
        form = ada.form("risk-form")
        check(form["e5s5"] == "high" and form["e1s1"] == "low" and "death" in form["severity_scale"], f"no proposal: {form}")
        ada.post("/setup/risk", {**form, "e3s3": "tolerable"})
        check(ada.status == 422 and "tolerable" in ada.page, f"a level that is none: {ada.status}")
        form["e3s3"], form["severity_scale"] = "high", form["severity_scale"].replace("\n", "\r\n") + "\r\nof the worst of it"
        ada.post("/setup/risk", form)
        check(ada.url.endswith("/setup/feeds"), f"after the scales: {ada.status} {ada.url}")
        matrix = run_json("-C", at.data, "--as", "ada", "show", "MTX-0001")
        check("e3: low medium high high high" in matrix["fields"]["cells"] and "\r" not in matrix["fields"]["severity_scale"], f"the matrix: {matrix['fields']}")
        ada.open("/setup/risk")
        check(ada.form("risk-form")["e3s3"] == "high", "the page does not show what was saved")
        ada.post("/setup/risk", {**ada.form("risk-form"), "e3s3": "medium"})
        check(run_json("-C", at.data, "--as", "ada", "show", "MTX-0001")["revision"] == 2, "changing it before its first use is a revision of the same record")
        run("-C", at.data, "--as", "ada", "state", "MTX-0001", "void", "--reason", "Entered on a trial run")
        ada.open("/setup/risk")
        check("A proposal" in ada.page and "MTX-0001" not in ada.page, "a matrix that counts for nothing is shown")
        ada.post("/setup/risk", ada.form("risk-form"))

        # 3: online, by bundle or later
        ada.open("/setup/feeds")
        ada.post("/setup/feeds", {**ada.form("feeds-form"), "how": ""})
        check(ada.status == 422, f"no answer: {ada.status}")
        ada.post("/setup/feeds", {**ada.form("feeds-form"), "how": "online"})
        check(all(re.search(r"asked: [^.]*\b" + n + r"\b", ada.page) for n in ("osv", "nvd", "cisa-ics")) and "feed_every_min" in ada.page, "the sources are not there, or nobody says who asks them")
        check(len(run_json("-C", at.data, "--as", "ada", "feed", "status")["sources"]) == 6, "not six sources")
        ada.post("/setup/feeds", {**ada.form("feeds-form"), "how": "later"})
        check(ada.url.endswith("/setup/people"), f"after the feeds: {ada.url}")

        # 4: people by role; who cannot be added stays in the form with the reason
        ada.post("/setup/people", {**ada.form("people-form"), "name1": "Ben Bode", "login1": "ben", "email1": "ben@acme.example", "role1": "approver",
                                   "name2": "Cleo", "login2": "ada", "role2": "reviewer"})
        check(ada.status == 422 and "is taken by" in ada.page and 'value="Cleo"' in ada.page and 'value="Ben Bode"' not in ada.page, f"one of two: {ada.status}")
        given = re.findall(r">([0-9a-f]{32})<", ada.page)
        check(len(given) == 1, f"{len(given)} set-up codes")
        ben = Visitor(at)
        ben.open("/setup")
        ben.post("/setup", {"setup_code": given[0], "new": PASSWORD + "!", "again": PASSWORD + "!"})
        ben.sign_in("ben", PASSWORD + "!")
        ben.open("/setup/people")
        check(ben.status == 403, f"who may not add people: {ben.status}")
        form = ben.open("/setup/company") and ben.form("company-form")
        ben.post("/setup/company", {**form, "company": "Bode AG"})
        check(ben.status == 403 and "Acme" in run("-C", at.data, "--as", "ada", "show", "ORG-0001").stdout, f"who may not edit the company: {ben.status}")

        # again later: all is done; what is in force changes by a signed revision alone
        ada.open("/setup")
        check(ada.url.endswith("/setup/company") and ada.page.count("done</span>") == 4, f"opened again: {ada.url} {ada.page.count('done</span>')}")
        ada.post("/setup/company", {**ada.form("company-form"), "company": "Acme Medical SE", "markets": ["US"]})
        check("Acme Medical SE" in ada.page, "the new name does not stand on the page")
        ada.open("/new/product")
        check(ada.form("edit")["markets"].strip() == "US", "a new device does not begin with the company's markets")
        ada.post("/setup/company", {**first("x"), "csrf": "0" * 64})
        check(ada.status == 403, f"without the form's token: {ada.status}")
        run("-C", at.data, "--as", "ada", "state", "ORG-0001", "submit")
        ada.open("/setup/company")
        check("company-form" not in ada.page and "/r/ORG-0001/edit" in ada.page, "what waits for a signature is still open to the form")
        ada.post("/setup/company", {"csrf": ada.csrf(), "company": "Else"})
        check(ada.status == 409, f"saving it all the same: {ada.status}")
        new = Visitor(at)
        new.post("/setup", first(at.code))
        check(new.status in (403, 409), f"a second first person: {new.status}")
        run("-C", at.data, "verify", "--all")


def story_a_data_folder_that_is_not_ours():
    """Says whose it must be, and the command that mends it."""
    with Folder() as folder:
        program = shutil.copy(story.PROGRAM, os.path.join(folder, "proofline"))
        closed, fine = os.path.join(folder, "closed"), os.path.join(folder, "fine")
        os.chmod(folder, 0o755)
        run("init", fine, "--company", "Acme", "--name", "Ada", "--admin", "ada@acme.example")
        os.mkdir(closed, 0o555)
        nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}

        def serve(data):
            return subprocess.run([program, "-C", data, "serve", "--setup", "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=60, **nobody)

        for data, command in ((os.path.join(closed, "new"), "install -d -m 700 -o "), (closed, "chown -R "), *(((fine, "chown -R "),) if nobody else ())):
            out = serve(data)
            check(out.returncode == 78 and "not writable by user" in out.stderr and command in out.stderr and data in out.stderr,
                  f"{data}: exit {out.returncode} {out.stderr}")
        os.chmod(closed, 0o755)
