"""A store made good from its archive: put back to yesterday, damaged in a place, gone altogether, and what the archive lacks."""
import os
import shutil
import sqlite3

from story import Folder, Server, check, run, run_json

LONG = "four horses by the wide river"
DATABASE = ("proofline.db", "proofline.db-wal", "proofline.db-shm")


def copy_database(folder, to):
    os.makedirs(to, exist_ok=True)
    for name in DATABASE:
        if os.path.exists(os.path.join(folder, name)):
            shutil.copy2(os.path.join(folder, name), to)


def put_back(folder, was):
    for name in DATABASE:
        if os.path.exists(os.path.join(folder, name)):
            os.remove(os.path.join(folder, name))
    copy_database(was, folder)


def head(folder):
    with open(os.path.join(folder, "signer", "head")) as f:
        return int(f.read().split("\n")[1])


def work_of_a_day(folder, n):
    """Everything that has a place of its own: a record and its steps, a file, a signature, a person, a comment, an SBOM, a check."""
    files = password_files(os.path.dirname(folder))
    made = run_json("-C", folder, "--as", "kofi", "new", "control", f"title=Loud night {n}", "products=sorrel-p1", "kind=design",
                    "description=By radio", "controls=R-01", "implements=SEC-001", "implemented_in=P1")["id"]
    run("-C", folder, "--as", "kofi", "set", made, "description=By radio, from the corridor", "--reason", "Said more exactly")
    paper = os.path.join(folder, "..", f"paper{n}.txt")
    with open(paper, "w") as f:
        f.write(f"What was measured in night {n}\n")
    run("-C", folder, "--as", "kofi", "attach", made, paper)
    run("-C", folder, "--as", "kofi", "state", made, "submit")
    run("-C", folder, "--as", "tomas", "sign", made, "approve", env={"PROOFLINE_PASSWORD_FILE": files["PROOFLINE_PASSWORD_FILE"]})
    run("-C", folder, "--as", "ines", "check", "--device", "sorrel-p1", code=1)
    run("-C", folder, "--as", "sample", "user", "add", f"new{n}", "--name", f"New Person {n}", "--roles", "engineer", env={"PROOFLINE_PASSWORD_FILE": files["PROOFLINE_SECOND_PASSWORD_FILE"]})
    return made


def an_older_database(base, folder, archive):
    """T-RECOVER-1: 0 entries lost; the log goes on in its epoch, under its key."""
    was = os.path.join(base, "yesterday")
    copy_database(folder, was)
    made = work_of_a_day(folder, 2)
    before = head(folder)
    put_back(folder, was)
    out = run("-C", folder, "--as", "kofi", "set", made, "title=Never", code=8)
    check("proofline recover --reason TEXT" in out.stderr, f"nobody says what to do: {out.stderr}")
    out = run("-C", folder, "recover", code=2)
    check("--archive" in out.stderr, f"no reason: {out.stderr}")
    run("-C", folder, "--as", "kofi", "recover", "--reason", "Without the right to it", code=4)
    run("-C", folder, "recover", "--reason", "By nobody", "--as", "nobody", code=5)
    check(not [n for n in os.listdir(folder) if n.startswith(("replaced-", "repair"))], "a refused recovery left something behind")
    out = run("-C", folder, "--as", "lena", "recover", "--reason", "The disk was replaced by last night's image")
    check("Nothing is lost" in out.stdout + out.stderr, f"recover: {out.stdout} {out.stderr}")
    check(head(folder) == before + 1, f"{before} entries were signed, then {head(folder)}: the repair is the only entry more")
    shown = run_json("-C", folder, "show", made)
    check(shown["fields"]["description"].endswith("corridor") and len(shown["signatures"]) == 1, f"a record of the lost hours: {shown}")
    check("New Person 2" in run("-C", folder, "user", "list").stdout, "a person of the lost hours")
    last = run_json("-C", folder, "log")
    check(any(e.get("act") == "log.repair" and "image" in e.get("reason", "") for e in last), "the repair is not in the log")
    run("-C", folder, "verify", "--all")
    kept = [n for n in os.listdir(folder) if n.startswith("replaced-")]
    check(kept and os.path.exists(os.path.join(folder, kept[0], "proofline.db")), "the database that was replaced is gone")
    return made


def a_damaged_place(folder, made):
    """T-RECOVER-2: a blob, a revision's body and an entry, each flipped under the program's feet."""
    entries = head(folder)
    for name, sql in (("a blob", "update blob set bytes = zeroblob(length(bytes)) where hash = (select min(hash) from blob)"),
                      ("a body", f"update revision set body = replace(body, 'radio', 'cable') where record = '{made}' and rev = 2"),
                      ("an entry", "update entry set leaf = replace(leaf, '\"src\":\"cli\"', '\"src\":\"web\"') where seq = (select max(seq) from entry)")):
        db = sqlite3.connect(os.path.join(folder, "proofline.db"))
        guards = db.execute("select name, sql from sqlite_master where type = 'trigger' and name in ('blob_kept_update', "
                            "'revision_kept_update', 'entry_kept_update')").fetchall()
        check(len(guards) == 3, f"the guards of the log: {guards}")
        for guard, _ in guards:
            db.execute(f"drop trigger {guard}")
        check(db.execute(sql).rowcount == 1, f"{name} was not damaged")
        for _, text in guards:
            db.execute(text)
        db.commit()
        db.close()
        run("-C", folder, "verify", "--all", code=8)
        run("-C", folder, "--as", "lena", "recover", "--reason", f"Verify found {name} damaged")
        entries += 1
        check(head(folder) == entries, f"{name}: {head(folder)} entries instead of {entries}")
        run("-C", folder, "verify", "--all")
    check(run_json("-C", folder, "show", made)["fields"]["description"].startswith("By radio"), "the body is not the one that was signed")


def what_the_archive_lacks(base, folder, archive):
    """T-RECOVER-3: a database that is gone; an archive that ends before the signer does; two people go on."""
    was, old = os.path.join(base, "was"), os.path.join(base, "old-archive")
    copy_database(folder, was)
    shutil.copytree(archive, old)
    at = head(folder)
    one = work_of_a_day(folder, 3)
    for name in DATABASE:
        if os.path.exists(os.path.join(folder, name)):
            os.remove(os.path.join(folder, name))
    run("-C", folder, "--as", "lena", "recover", "--reason", "The database file was deleted", "--archive", archive)
    run("-C", folder, "verify", "--all")
    check(run_json("-C", folder, "show", one)["id"] == one, "what was in the deleted file is not there")
    lost = head(folder) - at
    put_back(folder, was)
    out = run("-C", folder, "--as", "lena", "recover", "--reason", "Only an old archive is left", "--archive", old, code=8)
    check(f"{lost} signed entries are in neither" in out.stderr and "--second" in out.stderr, f"what is lost: {out.stderr}")
    run("-C", folder, "--as", "lena", "recover", "--reason", "Two people looked at it", "--second", "sample", env=password_files(base))
    run("-C", folder, "verify", "--all")
    other = os.path.join(base, "other")
    run("init", other, "--company", "Acme", "--name", "Ada", "--admin", "ada@acme.example")
    out = run("-C", other, "recover", "--reason", "With the wrong archive", "--archive", old, code=8)
    check("not signed by the key of this log" in out.stderr, f"another log's archive: {out.stderr}")
    out = run("-C", other, "recover", "--reason", "With none", "--archive", os.path.join(base, "nowhere"), code=5)
    check("There is no archive" in out.stderr, f"no archive: {out.stderr}")


def password_files(base):
    files = {"PROOFLINE_PASSWORD_FILE": ("pw", "demo"), "PROOFLINE_SECOND_PASSWORD_FILE": ("long", LONG)}
    for name, text in files.values():
        with open(os.path.join(base, name), "w") as f:
            f.write(text + "\n")
    return {key: os.path.join(base, name) for key, (name, _) in files.items()}


def story_a_store_is_made_good_from_its_archive():
    with Folder() as base:
        folder, archive = os.path.join(base, "store"), os.path.join(base, "archive")
        with Server("demo", "--port", "0", "--keep", folder):
            pass
        run("-C", folder, "--as", "sample", "user", "password", "sample", env={"PROOFLINE_PASSWORD_FILE": password_files(base)["PROOFLINE_SECOND_PASSWORD_FILE"]})
        run("-C", folder, "anchor", "archive", archive)
        work_of_a_day(folder, 1)
        made = an_older_database(base, folder, archive)
        a_damaged_place(folder, made)
        what_the_archive_lacks(base, folder, archive)
