"""Who signs proves it, signs what was shown, and signs it once."""
import base64
import json
import os
import re
import time

from story import Folder, Server, Visitor, check, code_of, run, run_json

DEMO = "demo"


def draft(folder, title, who="kofi"):
    made = run_json("-C", folder, "--as", who, "new", "requirement", f"title={title}", "products=sorrel-p1",
                    "statement=The pump shall log each refused command within 1 s.", "kind=security", "derives_from=T-001", "allocated_to=P1")
    run("-C", folder, "--as", who, "state", made["id"], "submit")
    return made["id"]


def secret_file(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text + "\n")
    return path


def story_a_signature_is_given_on_its_page_and_shown_everywhere():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        one = draft(folder, "The pump shall log a refused command")
        lena, kofi = Visitor(server).sign_in("lena"), Visitor(server).sign_in("kofi")
        kofi.open(f"/r/{one}/sign/approve")
        check(kofi.status == 403, f"the author sees the signing page: {kofi.status}")
        lena.open(f"/r/{one}")
        check(f"/r/{one}/sign/approve" in lena.page, "the record does not lead to the signing page")
        lena.post(f"/r/{one}/step", {"csrf": lena.csrf(), "base": 1, "step": "approve"})
        check(lena.status == 403 and "proofline sign" in lena.page, f"a plain step signs: {lena.status}")
        lena.open(f"/r/{one}/sign/approve")
        form = lena.form("sign")
        check('<input hidden readonly autocomplete="username" value="lena">' in lena.page, "a password manager is not told whose password it is")
        check("I reviewed this record and approve it as it stands" in lena.page and "within 1 s" in lena.page, "what is signed is not shown")
        lena.post("/sign", {**form, "password": "wrong"})
        check(lena.status == 401 and "tries left" in lena.page, f"a wrong password: {lena.status}")
        lena.post("/sign", {**form, "step": "send_back", "password": DEMO})
        check(lena.status in (409, 412), f"another step with the same ticket: {lena.status}")
        kofi.open(f"/r/{one}")
        kofi.post("/sign", {**form, "csrf": kofi.csrf(), "password": DEMO})
        check(kofi.status == 403, f"another person's page: {kofi.status}")
        run("-C", folder, "--as", "kofi", "state", one, "void", "--reason", "short", code=4)
        lena.post("/sign", {**form, "password": DEMO})
        check(lena.status == 200 and "Signed as reviewed and approved" in lena.page and "Lena" in lena.page, f"signing: {lena.status}")
        lena.post("/sign", {**form, "password": DEMO})
        check(lena.status in (409, 412), f"the same page twice: {lena.status}")
        shown = run_json("-C", folder, "show", one)["signatures"]
        check(len(shown) == 1 and shown[0]["kind"] == "reviewed, approved" and shown[0]["method"] == "password", f"shown: {shown}")
        run("-C", folder, "--as", "kofi", "set", one, "title=The pump shall log it", "--reason", "Shorter words for the list")
        lena.open(f"/r/{one}")
        check("covers revision 1, not revision 2" in lena.page, "the page does not say what the signature covers")
        check("covers revision 1, not revision 2" in run("-C", folder, "show", one).stdout, "show does not say it")
        run("-C", folder, "verify", "--all")


def story_what_changed_after_it_was_shown_is_not_signed():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        one = draft(folder, "The pump shall log a refused command")
        lena = Visitor(server).sign_in("lena")
        lena.open(f"/r/{one}/sign/approve")
        form = lena.form("sign")
        run("-C", folder, "--as", "kofi", "set", one, "title=Another title", "--reason", "Changed behind her back")
        run("-C", folder, "--as", "kofi", "state", one, "submit")
        lena.post("/sign", {**form, "password": DEMO})
        check(lena.status == 412 and "changed since you opened it" in lena.page, f"a changed record: {lena.status}")
        for name, value in (("nonce", "0" * 32), ("shown", str(int(form["shown"]) - 1)), ("ticket", "0" * 64), ("ids", "T-001")):
            lena.open(f"/r/{one}/sign/approve")
            lena.post("/sign", {**lena.form("sign"), name: value, "password": DEMO})
            check(lena.status in (403, 409, 412), f"another {name}: {lena.status}")
        check(run_json("-C", folder, "show", one)["signatures"] == [], "something was signed")
        lena.open(f"/r/{one}/sign/approve")
        form = lena.form("sign")
        lena.post("/sign-out", {"csrf": lena.csrf()})
        lena.sign_in("lena")
        lena.open("/devices")
        lena.post("/sign", {**form, "csrf": lena.csrf(), "password": DEMO})
        check(lena.status == 412, f"another session: {lena.status}")
        lena.open(f"/r/{one}/sign/approve")
        form = lena.form("sign")
        for _ in range(5):
            lena.post("/sign", {**form, "password": "wrong"})
        time.sleep(2.2)
        lena.post("/sign", {**form, "password": DEMO})
        check(lena.status == 412 and "wrong tries" in lena.page, f"after five wrong tries: {lena.status}")
        run("-C", folder, "verify", "--all")


def story_a_second_factor_is_asked_once_it_is_set_up():
    with Folder() as folder, Folder() as secrets, Server("demo", "--port", "0", "--keep", folder) as server:
        env = {"PROOFLINE_PASSWORD_FILE": secret_file(secrets, "password", DEMO), "PROOFLINE_CODE_FILE": os.path.join(secrets, "code")}
        secret = run_json("-C", folder, "--as", "lena", "totp", "enrol", env=env)["secret"]
        secret_file(secrets, "code", "000000")
        run("-C", folder, "--as", "lena", "totp", "confirm", env=env, code=4)
        if time.time() % 30 > 22:
            time.sleep(30 - time.time() % 30)      # the steps of this story end before the next code
        now = time.time()
        secret_file(secrets, "code", code_of(secret, now - 30))
        recovery = json.loads(run("-C", folder, "--as", "lena", "totp", "confirm", env=env).stdout)["recovery"]
        check(len(set(recovery)) == 10 and all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", r) for r in recovery), f"codes: {recovery}")
        for dump in ("proofline.db", "proofline.db-wal"):
            path = os.path.join(folder, dump)
            data = open(path, "rb").read() if os.path.exists(path) else b""
            check(secret.encode() not in data and base64.b32decode(secret + "=" * (-len(secret) % 8)) not in data, "the secret lies in the store")
        check(os.stat(os.path.join(folder, "secret.key")).st_mode & 0o777 == 0o400, "secret.key can be read by others")
        one, two = draft(folder, "The pump shall log a refused command"), draft(folder, "The pump shall keep its log")
        secret_file(secrets, "code", code_of(secret, now - 30))
        out = run("-C", folder, "--as", "lena", "sign", one, "approve", env=env, code=4)
        check("used before" in out.stderr or "not correct" in out.stderr, f"a used code: {out.stderr}")
        secret_file(secrets, "code", code_of(secret))
        run("-C", folder, "--as", "lena", "sign", f"{one},{two}", "approve", env=env)
        out = run("-C", folder, "--as", "lena", "sign", draft(folder, "The pump shall do more"), "approve", env=env, code=4)
        check("used before" in out.stderr, f"a code twice: {out.stderr}")
        for id in (one, two):
            check(run_json("-C", folder, "show", id)["signatures"][0]["method"] == "password+code", "the method is not kept")
        visitor = Visitor(server).sign_in("lena")
        check("second factor" in visitor.page and visitor.status == 401, f"sign-in without a code: {visitor.status}")
        for code, status in ((recovery[0], 200), (recovery[0], 401), (recovery[1].upper().replace("-", ""), 200), ("123456", 401)):
            visitor = Visitor(server)
            visitor.post("/sign-in", {"login": "lena", "password": DEMO, "code": code, "to": "/"})
            check(visitor.status == status, f"sign-in with {code}: {visitor.status}")
        run("-C", folder, "--as", "lena", "totp", "drop", "lena", code=4)
        run("-C", folder, "--as", "kofi", "totp", "drop", "lena", code=4)
        run("-C", folder, "--as", "sample", "totp", "drop", "lena", "--reason", "Her telephone was lost")
        check(Visitor(server).sign_in("lena").status == 200, "she cannot sign in without it")
        run("-C", folder, "verify", "--all")


def story_signing_can_be_made_to_need_a_second_factor():
    with Folder() as folder, Folder() as secrets:
        with Server("demo", "--port", "0", "--keep", folder):
            pass
        one = draft(folder, "The pump shall log a refused command")
        env = {"PROOFLINE_PASSWORD_FILE": secret_file(secrets, "password", DEMO)}
        out = run("-C", folder, "--as", "lena", "--set", "second_factor_required=yes", "sign", one, "approve", env=env, code=4)
        check("totp enrol" in out.stderr, f"the way out is not named: {out.stderr}")
        run("-C", folder, "--as", "kofi", "sign", one, "approve", env=env, code=4)
        run("-C", folder, "--as", "lena", "sign", one, "approve", env={"PROOFLINE_PASSWORD_FILE": secret_file(secrets, "other", "wrong")}, code=4)
        run("-C", folder, "--as", "lena", "sign", one, "approve", env=env)
        run("-C", folder, "verify", "--all")
