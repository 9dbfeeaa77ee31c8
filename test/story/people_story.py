"""Who may do what: duties and delegates, the second factor in the browser, tokens, alerts, first start, other products' ids."""
import datetime
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request

import story
from story import Folder, Server, Visitor, check, code_of, run, run_json

DEMO = "demo"


def day(n):
    return (datetime.date.today() + datetime.timedelta(days=n)).isoformat()


def secret_file(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text + "\n")
    return path


def rest(server, token, method, path, body=None, **headers):
    """Status, headers and JSON of a request with a token."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url + path, data=data, method=method)
    if token:
        request.add_header("Authorization", "Bearer " + token)
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, json.loads(answer.read())
    except urllib.error.HTTPError as e:
        text = e.read()
        return e.code, e.headers, json.loads(text) if text.startswith(b"{") else {"text": text.decode()}


def control(folder, title):
    made = run_json("-C", folder, "--as", "kofi", "new", "control", f"title={title}", "products=sorrel-p1", "kind=design",
                    "description=Refuses what is not signed", "controls=R-01", "implements=SEC-001", "implemented_in=P1")
    run("-C", folder, "--as", "kofi", "state", made["id"], "submit")
    return made["id"]


def story_t_sod_duties_deputies_and_delegates():
    with Folder() as folder, Folder() as secrets:
        with Server("demo", "--port", "0", "--keep", folder):
            pass
        env = {"PROOFLINE_PASSWORD_FILE": secret_file(secrets, "password", DEMO)}

        def sign(who, id, code=0, step="approve"):
            return run("-C", folder, "--as", who, "sign", id, step, env=env, code=code)

        one, two = control(folder, "Signed updates"), control(folder, "Signed images")
        out = sign("lena", one, 4)
        check("Mitigation authoriser" in out.stderr and "Tomas Reyl" in out.stderr, f"a duty is not asked for: {out.stderr}")
        out = run("-C", folder, "--as", "lena", "duty", "delegate", "mitigation_authoriser", "lena", "--to", day(5), "--product", "sorrel-p1", code=3)
        out = run("-C", folder, "--as", "grete", "duty", "delegate", "mitigation_authoriser", "lena", "--to", day(5), "--product", "sorrel-p1", code=4)
        run("-C", folder, "--as", "tomas", "duty", "delegate", "mitigation_authoriser", "lena", "--to", day(5), "--product", "sorrel-p1", "--reason", "On leave this week")
        sign("lena", one)
        shown = run_json("-C", folder, "show", one)["signatures"][-1]
        check(shown.get("acts") == "Mitigation authoriser, delegate of Tomas Reyl", f"in whose name: {shown}")
        # T-SOD-6: what Tomas wrote his delegate does not sign for him
        run("-C", folder, "--as", "tomas", "set", two, "description=Refuses images too", "--reason", "Says more of it")
        run("-C", folder, "--as", "kofi", "state", two, "submit")
        out = sign("lena", two, 4)
        check("SOD-6" in out.stderr, f"a delegate signs for an author: {out.stderr}")
        out = sign("tomas", two, 4)
        check("SOD-1" in out.stderr, f"an author signs: {out.stderr}")
        run("-C", folder, "--as", "lena", "duty", "set", "mitigation_authoriser", "lena", "--product", "sorrel-p1", code=4)
        run("-C", folder, "--as", "sample", "duty", "set", "mitigation_authoriser", "lena", "--product", "sorrel-p1", "--to", day(30))
        sign("lena", two)
        # a delegation that is over
        run("-C", folder, "--as", "sample", "duty", "end", "mitigation_authoriser", "lena", "--product", "sorrel-p1")
        run("-C", folder, "--as", "tomas", "duty", "delegate", "mitigation_authoriser", "lena", "--from", day(1), "--to", day(5), "--product", "sorrel-p1")
        three = control(folder, "Signed logs")
        out = sign("lena", three, 4)
        check("Mitigation authoriser" in out.stderr, f"a delegation of tomorrow: {out.stderr}")
        # T-SOD-5: who keeps accounts does not sign
        out = sign("sample", three, 4)
        # training
        out = run("-C", folder, "--as", "ali", "sign", "TRG-0081", "review", env=env, code=4)
        check("CUR-11" in out.stderr and "Nothing was signed" in out.stderr, f"an untrained signer: {out.stderr}")
        rows = run("-C", folder, "duty", "list", "--all").stdout.splitlines()
        check(len(rows) >= 27 and any(re.search(r"mitigation_authoriser.*Lena Brandt.*:\d\d$", r) for r in rows), f"the history of duties: {rows[-3:]}")
        run("-C", folder, "verify", "--all")


def story_t_sod_an_approved_assignment_gives_its_duties_and_takes_them():
    with Folder() as folder, Folder() as secrets:
        with Server("demo", "--port", "0", "--keep", folder):
            pass
        env = {"PROOFLINE_PASSWORD_FILE": secret_file(secrets, "password", DEMO)}

        def approved(id, who="grete", code=0):
            run("-C", folder, "--as", "priya", "state", id, "submit")
            return run("-C", folder, "--as", who, "sign", id, "approve", env=env, code=code)

        def held(login):
            return [d for d in run("-C", folder, "duty", "list").stdout.split("\n") if "psirt_lead" in d and login in d]

        def new(*args):
            return run_json("-C", folder, "--as", "priya", "new", *args)["id"]

        role = new("role", "title=Response lead", "description=Leads the response", "enforced=psirt_lead")
        one = new("role_assignment", "title=Response lead of Sorrel", "products=sorrel-p1", f"of={role}", "holder=grete", f"from_date={day(0)}", "upto=low")
        out = run("-C", folder, "--as", "priya", "state", one, "submit", code=6)
        check("The role itself is approved" in out.stderr, out.stderr)
        approved(role)
        out = approved(one, code=4)
        check("SOD-4" in out.stderr and not held("Grete Moen"), f"the approver gives it to herself: {out.stderr}")
        run("-C", folder, "--as", "lena", "sign", one, "approve", env=env)
        check("low" in held("Grete Moen")[0], "an approved assignment gives no duty")
        run("-C", folder, "--as", "priya", "set", one, "holder=marek", "--reason", "Grete hands it on to Marek")
        check(held("Grete Moen") and not held("Marek Dvorak"), "a draft changes who holds it")
        approved(one)
        check(held("Marek Dvorak") and not held("Grete Moen"), "the next revision does not take its place")
        run("-C", folder, "--as", "lena", "state", one, "retire", "--reason", "The role is not needed any more")
        check(not held("Marek Dvorak"), "a retired assignment still gives its duty")
        run("-C", folder, "verify")


def story_t_sod_3_clinical_safety_and_quality_are_two_people():
    with Folder() as folder, Folder() as secrets, Server("demo", "--port", "0", "--keep", folder) as server:
        env = {"PROOFLINE_PASSWORD_FILE": secret_file(secrets, "password", DEMO)}
        run("-C", folder, "--as", "amara", "state", "FR-01", "reopen", "--reason", "There is news from the field")
        for step in ("analyse", "define_controls", "verify_controls"):
            run("-C", folder, "--as", "amara", "state", "FR-01", step)
        out = run("-C", folder, "--as", "amara", "sign", "FR-01", "accept", env=env, code=4)
        check("SOD-1" in out.stderr, f"the author accepts: {out.stderr}")
        run("-C", folder, "--as", "tomas", "sign", "FR-01", "accept", env=env, code=4)
        lena = Visitor(server).sign_in("lena")
        lena.open("/r/FR-01/sign/accept")
        check("QA manager" in lena.page, "the page does not say by which role")
        lena.post("/sign", {**lena.form("sign"), "password": DEMO})
        check(lena.status == 200, f"the first of two signatures: {lena.status}")
        check(run_json("-C", folder, "show", "FR-01")["state"] == "controls_verified", "one signature accepts")
        out = run("-C", folder, "--as", "lena", "sign", "FR-01", "accept", env=env, code=6)
        check("already" in out.stderr and "Clinical safety" in out.stderr, f"twice: {out.stderr}")
        run("-C", folder, "--as", "paul", "sign", "FR-01", "accept", env=env)
        shown = run_json("-C", folder, "show", "FR-01")
        check(shown["state"] == "accepted" and len(shown["signatures"]) == 4, f"accepted: {shown['state']}")
        # a signature that was given before the record was sent back does not count afterwards
        run("-C", folder, "--as", "amara", "state", "FR-01", "reopen", "--reason", "There is more news from the field")
        for step in ("analyse", "define_controls", "verify_controls"):
            run("-C", folder, "--as", "amara", "state", "FR-01", step)
        run("-C", folder, "--as", "lena", "sign", "FR-01", "accept", env=env)
        run("-C", folder, "--as", "lena", "state", "FR-01", "send_back", "--reason", "The analysis lacks a cause")
        for step in ("define_controls", "verify_controls"):
            run("-C", folder, "--as", "amara", "state", "FR-01", step)
        run("-C", folder, "--as", "paul", "sign", "FR-01", "accept", env=env)
        check(run_json("-C", folder, "show", "FR-01")["state"] == "controls_verified", "an old signature counts again")
        run("-C", folder, "verify", "--all")


def story_the_second_factor_is_set_up_in_the_browser():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        lena = Visitor(server).sign_in("lena")
        lena.open("/account")
        lena.post("/account/factor", {**lena.form("factor"), "password": "wrong"})
        check(lena.status == 401, f"a wrong password: {lena.status}")
        lena.open("/account")
        lena.post("/account/factor", {**lena.form("factor"), "password": DEMO})
        check(lena.status == 200 and '<svg class="qr"' in lena.page and "style" not in re.search(r"<svg.class=.qr.*?</svg>", lena.page, re.S).group(0), "no QR code")
        secret = re.search(r"<dd class=\"mono wrap-any\">([A-Z2-7]{32})</dd>", lena.page).group(1)
        confirm = lena.form("confirm")
        lena.post("/account/confirm", {**confirm, "code": "000000"})
        check(lena.status == 401, f"a wrong first code: {lena.status}")
        if time.time() % 30 > 22:
            time.sleep(30 - time.time() % 30)
        now = time.time()
        lena.post("/account/confirm", {**confirm, "code": code_of(secret, now - 30)})
        codes = re.findall(r"<li>([a-z2-7-]{19})</li>", lena.page)
        check(lena.status == 200 and len(set(codes)) == 10, f"recovery codes: {codes}")
        other = Visitor(server)
        other.post("/sign-in", {"login": "lena", "password": DEMO, "code": code_of(secret, now), "to": "/account"})
        check(other.status == 200 and "10 recovery codes are left" in other.page, f"signing in with the code: {other.status}")
        hashes = re.findall(r'name="hash" value="([0-9a-f]{64})"', other.page)
        check(len(hashes) == 2, f"sessions: {hashes}")
        other.post("/account/session", {"csrf": other.csrf(), "hash": hashes[0]})
        lena.open("/account")
        check("Sign in" in lena.page, "an ended session still opens pages")
        other.post("/account/session", {"csrf": "00" * 64, "hash": hashes[1]})
        check(other.status == 403, f"without a proof of the form: {other.status}")
        run("-C", folder, "verify", "--all")


def story_first_start_needs_the_code_of_the_console():
    with Folder() as folder:
        data = os.path.join(folder, "new")
        process = subprocess.Popen([story.PROGRAM, "-C", data, "serve", "--setup", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            url = process.stdout.readline().strip().rstrip("/")
            code = ""
            while not re.fullmatch(r"[0-9a-f]{32}", code):
                line = process.stderr.readline()
                check(line, "no set-up code was printed")
                code = line.strip()

            class At:
                pass
            at = At()
            at.url = url
            new = Visitor(at)
            new.open("/setup")
            check("Welcome" in new.page, "no page for the first start")
            password = "four horses by the wide river"
            form = {"company": "Acme", "login": "ada", "name": "Ada Acme", "email": "ada@acme.example", "new": password, "again": password}
            new.post("/setup", {**form, "setup_code": "0" * 32})
            check(new.status == 403, f"a wrong code: {new.status}")
            new.post("/setup", {**form, "setup_code": code, "new": "short", "again": "short"})
            check(new.status == 422, f"a weak password: {new.status}")
            new.post("/setup", {**form, "setup_code": code})
            check(new.status == 200 and "Setting up" in new.page, f"first person: {new.status}")
            new.post("/setup", {**form, "setup_code": code, "login": "eve"})
            check(new.status in (403, 409), f"the code twice: {new.status}")
            new.post("/sign-in", {"login": "ada", "password": password, "to": "/people"})
            check(new.status == 200 and "Ada Acme" in new.page, f"signing in: {new.status}")
            new.post("/people/add", {**new.form("add"), "login": "ben", "name": "Ben", "roles": ["approver", "viewer"]})
            given = re.search(r">([0-9a-f]{32})<", new.page)
            check(given, "nobody else could second it, so it is done at once, with a set-up code")
            ben = Visitor(at)
            ben.open("/setup")
            check("Set your password" in ben.page, "the page does not ask for a password")
            ben.post("/setup", {"setup_code": given.group(1), "new": password + "!", "again": password + "!"})
            ben.post("/sign-in", {"login": "ben", "password": password + "!", "to": "/work"})
            check("second factor" in ben.page, "a signer is not told to set up a second factor")
        finally:
            process.terminate()
            process.wait(20)
            process.stdout.close()
            process.stderr.close()
        run("-C", data, "verify", "--all")


def story_tokens_read_and_write_what_they_may_and_never_sign():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        def token(who, *args):
            return run_json("-C", folder, "--as", who, "token", "create", "ci", *args)

        lena = token("lena", "--scopes", "records:read,records:write", "--days", "3")
        check(re.fullmatch(r"pl_[a-z2-7]{52}_[0-9a-f]{6}", lena["token"]), f"the form of a token: {lena}")
        for dump in ("proofline.db", "proofline.db-wal"):
            path = os.path.join(folder, dump)
            check(lena["token"].encode() not in (open(path, "rb").read() if os.path.exists(path) else b""), "the token lies in the store")
        status, _, body = rest(server, lena["token"], "GET", "/rest/v1/security_risks?limit=5&q=level_after:medium")
        check(status == 200 and len(body["items"]) == 5 and body["next"], f"a list: {status} {str(body)[:200]}")
        status, _, more = rest(server, lena["token"], "GET", f"/rest/v1/security_risks?limit=5&cursor={body['next']}")
        check(status == 200 and not {r["id"] for r in more["items"]} & {r["id"] for r in body["items"]}, "the second page")
        status, headers, one = rest(server, lena["token"], "GET", "/rest/v1/requirements/SR-01")
        if status == 404:
            status, headers, listed = rest(server, lena["token"], "GET", "/rest/v1/requirements?limit=1")
            one = listed["items"][0]
            status, headers, one = rest(server, lena["token"], "GET", "/rest/v1/requirements/" + one["id"])
        check(status == 200 and one["signatures"] is not None and headers["ETag"].startswith(f'"{one["revision"]}-'), f"one: {status}")
        kofi = token("kofi", "--scopes", "records:read records:write", "--product", "sorrel-p1")["token"]
        made = {"title": "The pump shall log it", "products": ["sorrel-p1"], "statement": "The pump shall log within 1 s.", "kind": "security",
                "derives_from": ["T-001"], "allocated_to": ["P1"]}
        status, headers, body = rest(server, kofi, "POST", "/rest/v1/requirements", made)
        check(status == 201 and headers["Location"].endswith(body["id"]), f"a new record: {status} {body}")
        path = "/rest/v1/requirements/" + body["id"]
        status, _, problem = rest(server, kofi, "POST", "/rest/v1/requirements", {**made, "approved": True})
        check(status == 422 and problem["errors"][0]["pointer"] == "/approved", f"an unknown field: {status} {problem}")
        etag = rest(server, kofi, "GET", path)[1]["ETag"]
        check(rest(server, kofi, "PATCH", path, {"title": "It shall"})[0] == 428, "without If-Match")
        check(rest(server, kofi, "PATCH", path, {"title": "It shall"}, If_Match=etag)[0] == 200, "with it")
        check(rest(server, kofi, "PATCH", path, {"title": "Again"}, If_Match=etag)[0] == 412, "a stale one")
        etag = rest(server, kofi, "GET", path)[1]["ETag"]
        check(rest(server, kofi, "POST", path + "/steps", {"step": "submit"}, If_Match=etag)[0] == 200, "a step")
        status, _, problem = rest(server, lena["token"], "POST", path + "/steps", {"step": "approve"}, If_Match=etag)
        check(status == 403 and "token" in problem["detail"], f"a token approves: {status} {problem}")
        for who, scopes, method, where, code in (
                (lena["token"], "", "GET", "/rest/v1/nothing", 404), (lena["token"][:-1] + "x", "", "GET", path, 401),
                ("pl_aaaa_000000", "", "GET", path, 401), (None, "", "GET", path, 401), (None, "", "POST", "/rest/v1/requirements", 401)):
            status, headers, problem = rest(server, who, method, where, {} if method == "POST" else None)
            check(status == code and headers["Content-Type"].startswith("application/problem+json"), f"{method} {where}: {status} {problem}")
        status, headers, problem = rest(server, kofi, "POST", path + "/steps", {"step": "x" * (65 << 10)})
        check(status == 413 and headers["Content-Type"].startswith("application/problem+json") and problem["status"] == 413, f"a body too large: {status} {problem}")
        for method, where, allow in (("DELETE", path, "GET, HEAD, PATCH"), ("PUT", "/rest/v1/requirements", "GET, HEAD, POST"), ("PATCH", path + "/history", "GET, HEAD")):
            status, headers, problem = rest(server, kofi, method, where)
            check(status == 405 and headers["Allow"] == allow and problem["status"] == 405, f"{method} {where}: {status} {headers['Allow']} {problem}")
        read = token("lena", "--scopes", "findings:read")["token"]
        check(rest(server, read, "GET", "/rest/v1/findings")[0] == 200, "findings:read reads no findings")
        check(rest(server, read, "GET", "/rest/v1/requirements")[0] == 404, "findings:read reads requirements")
        status, _, problem = rest(server, read, "POST", "/rest/v1/findings", {"title": "x"})
        check(status == 403 and "records:write" in problem["detail"], f"the scope is not named: {problem}")
        check(rest(server, lena["token"], "GET", "/rest/v1/findings", Cookie="proofline=x")[0] == 401, "a token beside a cookie")
        visitor = Visitor(server).sign_in("ines")
        visitor.open("/account")
        visitor.post("/account/token", {**visitor.form("token"), "name": "ci", "scopes": "records:read", "password": "wrong"})
        check(visitor.status == 401, f"a token without the password: {visitor.status}")
        run("-C", folder, "--as", "kofi", "token", "revoke", lena["id"], code=5)
        run("-C", folder, "--as", "lena", "token", "revoke", lena["id"])
        check(rest(server, lena["token"], "GET", path)[0] == 401, "a revoked token reads")
        run("-C", folder, "verify", "--all")


def story_t_auth_repeated_failures_are_an_alert_until_somebody_looked():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        thief = Visitor(server)
        for _ in range(5):
            thief.post("/sign-in", {"login": "kofi", "password": "wrong", "to": "/"})
        ines = Visitor(server).sign_in("ines")
        ines.open("/work")
        check("ALT-000001" in ines.page and "Kofi Mensah" in ines.page, "no alert on My work")
        ines.post("/alerts/seen", {"csrf": ines.csrf(), "id": "ALT-000001", "note": "short"})
        check(ines.status == 422, f"closed without a word: {ines.status}")
        ines.open("/work")
        ines.post("/alerts/seen", {"csrf": ines.csrf(), "id": "ALT-000001", "note": "Kofi had forgotten it; he was called back"})
        check("ALT-000001" not in ines.page, "the alert stays")
        ali = Visitor(server).sign_in("ali")
        ali.open("/work")
        ali.post("/alerts/seen", {"csrf": ali.csrf(), "id": "ALT-000001", "note": "nothing to see here"})
        check(ali.status == 403, f"anybody closes alerts: {ali.status}")
        check("forgotten" in run("-C", folder, "--as", "ines", "user", "alerts", "--all").stdout, "the note is not kept")
        run("-C", folder, "verify", "--all")


def story_t_idor_another_products_ids_answer_like_unknown_ones():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder):
            pass
        run("-C", folder, "--as", "ines", "new", "product", "title=Linnet", "intended_use=Glucose monitoring", "--id", "linnet")
        run("-C", folder, "--as", "ines", "new", "threat", "title=Linnet is spoofed", "products=linnet", "category=attack", "stride=spoofing", "--id", "LIN-1")
        password = secret_file(folder, "password", "a heron stands by the mill")
        run("-C", folder, "--as", "sample", "user", "add", "otto", "--name", "Otto", "--roles", "engineer,security_lead", "--product", "linnet",
            env={"PROOFLINE_PASSWORD_FILE": password})
        token = run_json("-C", folder, "--as", "ines", "token", "create", "linnet", "--scopes", "records:read,records:write", "--product", "linnet")["token"]
        with Server("-C", folder, "serve", "--listen", "127.0.0.1:0") as server:
            otto = Visitor(server).sign_in("otto", "a heron stands by the mill")
            otto.open("/r/LIN-1")
            check(otto.status == 200, f"his own product: {otto.status}")
            records = [r["id"] for r in run_json("-C", folder, "list", "threat") if r["id"] != "LIN-1"][:4]
            records += ["R-01", "sorrel-p1", "REL-203", "FR-01"]
            for id in records:
                for suffix in ("", "/edit", "/history", "/sign/approve", "?asof=" + day(0)):
                    otto.open(f"/r/{id}{suffix}")
                    theirs, status = otto.page, otto.status
                    otto.open(f"/r/NO-{id}{suffix}")
                    check(status == 404 == otto.status, f"/r/{id}{suffix}: {status}, unknown: {otto.status}")
                    check("Sorrel" not in theirs, f"/r/{id}{suffix} tells of the other product")
                for suffix, form in (("/edit", {"title": "x", "base": 1}), ("/step", {"base": 1, "step": "void", "reason": "because I can do it"}),
                                     ("/link", {"link": "about", "to": "LIN-1"})):
                    otto.open("/r/LIN-1")
                    otto.post(f"/r/{id}{suffix}", {"csrf": otto.csrf(), **form})
                    check(otto.status == 404, f"POST /r/{id}{suffix}: {otto.status}")
            for path in ("/d/sorrel-p1", "/d/sorrel-p1/gaps", "/d/sorrel-p1/trace", "/d/sorrel-p1/sbom", "/sbom/SBM-0001"):
                otto.open(path)
                check(otto.status == 404 and "Sorrel P1" not in otto.page, f"{path}: {otto.status}")
            for path in ("/log", "/diff", "/people"):
                otto.open(path)
                check(otto.status == 403, f"{path}: {otto.status}")
            for path in ("/", "/work", "/devices", "/list/threat", "/list/threat?q=spoofed", "/list/security_risk", "/list/finding", "/list/release", "/search?q=sorrel",
                         "/findings", "/list/threat.csv", "/account"):
                otto.open(path)
                check(otto.status in (200, 404) and "Sorrel P1" not in otto.page and "sorrel-p1" not in otto.page and ">T-0" not in otto.page,
                      f"{path} shows another product: {otto.status}")
            for method, path, body in (("GET", "/threats/T-001", None), ("GET", "/threats/T-001/history", None), ("GET", "/products/sorrel-p1", None),
                                       ("PATCH", "/threats/T-001", {"title": "x"}), ("POST", "/threats/T-001/steps", {"step": "void", "reason": "because I can"})):
                status, _, problem = rest(server, token, method, "/rest/v1" + path, body, If_Match='"1-00000000"')
                other, _, unknown = rest(server, token, method, "/rest/v1" + path.replace("T-001", "T-999").replace("sorrel-p1", "sorrel-p9"), body, If_Match='"1-00000000"')
                check(status == 404 == other, f"{method} {path}: {status}, unknown {other}: {problem}")
            status, _, body = rest(server, token, "GET", "/rest/v1/threats")
            check(status == 200 and [r["id"] for r in body["items"]] == ["LIN-1"], f"a list of the token: {body}")
            status, _, body = rest(server, token, "POST", "/rest/v1/threats", {"title": "x", "products": ["sorrel-p1"], "category": "attack", "stride": "spoofing"})
            check(status in (403, 404, 422), f"a record in another product: {status}")
        run("-C", folder, "verify", "--all")
