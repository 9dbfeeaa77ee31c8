"""T-ESIG: attempts to sign what was not shown, by whom it was not shown to, without proof: each refused and in the log."""
import re

from sign_story import DEMO, draft, secret_file
from story import Folder, Server, Visitor, check, run, run_json


def log_of(folder, entries=6):
    return run("-C", folder, "--as", "lena", "log", "--limit", entries).stdout


def size_of(folder):
    return int(re.search(r"^(\d+) entries", run("-C", folder, "verify").stdout + run("-C", folder, "verify").stderr, re.M).group(1))


def flip(text):
    return ("1" if text[0] == "0" else "0") + text[1:]


# name, what is done to the form (a function of form and the two records), status, words that are told.
# "before": what happens between the page and its return, as command lines.
TAMPERED = [
    ("no password", lambda f, a, b: {**f, "password": ""}, 401, "not correct"),
    ("a wrong password", lambda f, a, b: {**f, "password": "demo1"}, 401, "tries left"),
    ("the password in another case", lambda f, a, b: {**f, "password": "DEMO"}, 401, "tries left"),
    ("a password with a space behind", lambda f, a, b: {**f, "password": "demo "}, 401, "tries left"),
    ("another nonce", lambda f, a, b: {**f, "nonce": flip(f["nonce"])}, 412, "changed since you opened"),
    ("no nonce", lambda f, a, b: {**f, "nonce": ""}, 412, "changed since you opened"),
    ("a short nonce", lambda f, a, b: {**f, "nonce": f["nonce"][:16]}, 412, "changed since you opened"),
    ("another ticket", lambda f, a, b: {**f, "ticket": flip(f["ticket"])}, 412, "changed since you opened"),
    ("no ticket", lambda f, a, b: {**f, "ticket": ""}, 412, "changed since you opened"),
    ("the ticket twice as long", lambda f, a, b: {**f, "ticket": f["ticket"] * 2}, 412, "changed since you opened"),
    ("another time", lambda f, a, b: {**f, "shown": str(int(f["shown"]) + 1)}, 412, "changed since you opened"),
    ("no time", lambda f, a, b: {**f, "shown": ""}, 412, "changed since you opened"),
    ("a time of next year", lambda f, a, b: {**f, "shown": str(int(f["shown"]) + 31536000000000)}, 412, "changed since you opened"),
    ("a time beyond all numbers", lambda f, a, b: {**f, "shown": "9" * 40}, 412, "changed since you opened"),
    ("another record", lambda f, a, b: {**f, "ids": b}, 412, "changed since you opened"),
    ("one record more", lambda f, a, b: {**f, "ids": f"{a},{b}"}, 412, "changed since you opened"),
    ("the record twice", lambda f, a, b: {**f, "ids": f"{a},{a}"}, 422, "stands twice"),
    ("the record twice in another case", lambda f, a, b: {**f, "ids": f"{a},{a.lower()}"}, 422, "stands twice"),
    ("no record", lambda f, a, b: {**f, "ids": ""}, 422, "1 to 50 records"),
    ("fifty-one records", lambda f, a, b: {**f, "ids": ",".join(f"SR-{n}" for n in range(51))}, 422, "1 to 50 records"),
    ("a record that does not exist", lambda f, a, b: {**f, "ids": "NO-1"}, 404, "NO-1"),
    ("an id with SQL in it", lambda f, a, b: {**f, "ids": a + "' OR '1'='1"}, 404, ""),
    ("another step", lambda f, a, b: {**f, "step": "send_back"}, 409, "not a signature"),
    ("a step of another lifecycle", lambda f, a, b: {**f, "step": "accept"}, 422, "no step"),
    ("a step from another state", lambda f, a, b: {**f, "step": "retire"}, 409, "cannot be taken"),
    ("no step", lambda f, a, b: {**f, "step": ""}, 412, "changed since"),
    ("no proof of the form", lambda f, a, b: {**f, "csrf": ""}, 403, "did not come from this session"),
    ("another proof of the form", lambda f, a, b: {**f, "csrf": flip(f["csrf"])}, 403, "did not come from this session"),
    ("half a proof of the form", lambda f, a, b: {**f, "csrf": f["csrf"][:64]}, 403, "did not come from this session"),
    ("a code where there is no second factor, with a wrong password", lambda f, a, b: {**f, "password": "no", "code": "123456"}, 401, "tries left"),
]

# name, command lines between page and return ({a}: the record), status, words
MEANWHILE = [
    ("edited", [("kofi", "set", "{a}", "title=Another title", "--reason", "Changed behind her back")], 409, "cannot be taken"),
    ("edited and submitted again", [("kofi", "set", "{a}", "title=Another title", "--reason", "Changed behind her back"), ("kofi", "state", "{a}", "submit")], 412, "changed since"),
    ("sent back", [("tomas", "state", "{a}", "send_back", "--reason", "Needs a number in it")], 409, "cannot be taken"),
    ("sent back and submitted again", [("tomas", "state", "{a}", "send_back", "--reason", "Needs a number in it"), ("kofi", "state", "{a}", "submit")], 200, ""),
    ("voided", [("tomas", "state", "{a}", "void", "--reason", "Made by mistake, sorry")], 409, "cannot be taken"),
    ("the role taken away", [("sample", "user", "revoke", "lena", "approver"), ("sample", "user", "revoke", "lena", "qa_manager")], 403, "needs the role"),
    ("made administrator", [("sample", "user", "grant", "lena", "administrator")], 403, "SOD-5"),
    ("disabled", [("sample", "user", "disable", "lena")], 401, ""),
]


AFTERWARDS = {
    "disabled": [("user", "enable", "lena")],
    "made administrator": [("user", "revoke", "lena", "administrator")],
    "the role taken away": [("user", "grant", "lena", "approver"), ("user", "grant", "lena", "qa_manager")],
}


def story_t_esig_a_page_that_was_tampered_with_signs_nothing():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        a, b = draft(folder, "The pump shall log a refused command"), draft(folder, "The pump shall keep its log")
        lena = Visitor(server).sign_in("lena")
        for name, spoil, status, words in TAMPERED:
            lena.open(f"/r/{a}/sign/approve")
            before = log_of(folder)
            lena.post("/sign", {**spoil({**lena.form("sign"), "password": DEMO}, a, b)})
            check(lena.status in (status, 429), f"{name}: {lena.status} instead of {status}")
            check(lena.status == 429 or words in lena.page, f"{name}: does not say '{words}'")
            check(log_of(folder) != before, f"{name}: left no entry")
            if status == 401:      # a right password in between, so that the delays of guessing do not get in the way
                lena = Visitor(server).sign_in("lena")
        for id in (a, b):
            check(run_json("-C", folder, "show", id)["signatures"] == [], f"{id} was signed")
        kofi, tomas = Visitor(server).sign_in("kofi"), Visitor(server).sign_in("tomas")
        lena.open(f"/r/{a}/sign/approve")
        form = lena.form("sign")
        for other, name, status in ((kofi, "the author with her page", 403), (tomas, "another approver with her page", 412)):
            other.open("/work")
            other.post("/sign", {**form, "csrf": other.csrf(), "password": DEMO})
            check(other.status == status, f"{name}: {other.status}")
        stranger = Visitor(server)
        stranger.post("/sign", {**form, "password": DEMO})
        check(stranger.status == 401, f"without a session: {stranger.status}")
        two = Visitor(server).sign_in("lena")
        two.open("/work")
        two.post("/sign", {**form, "csrf": two.csrf(), "password": DEMO})
        check(two.status == 412, f"her page in another session of hers: {two.status}")
        lena.open(f"/r/{a}/sign/approve")
        first = lena.form("sign")
        lena.open(f"/r/{a}/sign/approve")
        second = lena.form("sign")
        lena.post("/sign", {**first, "password": DEMO})
        check(lena.status == 200, f"the honest one: {lena.status}")
        for name, form in (("the same page again", first), ("a second tab", second)):
            lena.post("/sign", {**form, "password": DEMO})
            check(lena.status in (409, 412), f"{name}: {lena.status}")
        check(len(run_json("-C", folder, "show", a)["signatures"]) == 1, "not exactly one signature")
        run("-C", folder, "verify", "--all")


def story_t_esig_what_changes_between_page_and_signature():
    with Folder() as folder, Server("demo", "--port", "0", "--keep", folder) as server:
        for name, lines, status, words in MEANWHILE:
            a = draft(folder, "The pump shall log a refused command")
            lena = Visitor(server).sign_in("lena")
            lena.open(f"/r/{a}/sign/approve")
            form = {**lena.form("sign"), "password": DEMO}
            for who, *line in lines:
                run("-C", folder, "--as", who, *[w.format(a=a) for w in line])
            before = log_of(folder)
            lena.post("/sign", form)
            check(lena.status == status, f"{name}: {lena.status} instead of {status}")
            check(words in lena.page, f"{name}: does not say '{words}'")
            check(status == 401 or log_of(folder) != before, f"{name}: left no entry")
            shown = run_json("-C", folder, "show", a)
            check(len(shown["signatures"]) == (status == 200), f"{name}: {shown['signatures']}")
            for line in AFTERWARDS.get(name, ()):
                run("-C", folder, "--as", "sample", *line)
        # on the command line
        one = draft(folder, "The pump shall log it")
        for who, env, code in (("lena", "wrong", 4), ("kofi", DEMO, 4), ("nb-auditor", DEMO, 4), ("lena", "", 4)):
            run("-C", folder, "--as", who, "sign", one, "approve", env={"PROOFLINE_PASSWORD_FILE": secret_file(folder, "pw", env)}, code=code)
        run("-C", folder, "--as", "lena", "state", one, "approve", code=4)
        check(run_json("-C", folder, "show", one)["signatures"] == [], "something was signed")
        run("-C", folder, "verify", "--all")
