"""Nothing is lost, nothing is changed unseen, nobody does what they may not."""
import json
import os
import shutil
import sqlite3
import subprocess

from story import Folder, Server, Visitor, check, run, run_json, second_factor


def demo_folder(folder):
    with Server("demo", "--port", "0", "--keep", folder):
        pass


def verify(folder, code):
    out = run("-C", folder, "verify", "--all", "-o", "json", code=code)
    return json.loads(out.stdout)


TAMPERING = [
    ("an entry's words", "update entry set leaf = replace(leaf, 'record.new', 'record.nex') where seq = (select max(seq) from entry where leaf like '%record.new%')", "entry"),
    ("a revision's body", "update revision set body = replace(body, 'replayed', 'repeated') where record = 'T-002'", "T-002"),
    ("a deleted revision", "delete from revision where record = 'T-003'", "T-003"),
    ("a projection", "update record set state = 'retired' where id = 'T-004'", "T-004"),
    ("a role", "insert into person_grant select id, '', 'approver' from person where login = 'kofi'", "U0"),
    ("a component", "update sbom_component set supplier = 'Nobody' where sbom = 1 and component = 1", "SBM-0001"),
    ("a verdict", "update verdict set outcome = 4 where outcome = 0", "verdict"),
    ("a closed gap", "delete from gap where object = 'F20'", "gap"),
    ("a swapped order", "update entry set leaf = (select o.leaf from entry o where o.seq = 201 - entry.seq), hash = (select o.hash from entry o where o.seq = 201 - entry.seq) where seq in (100, 101)", "entry"),
    ("a forged revision", "insert into revision select record, rev + 1, type, body, hash, (select max(seq) from entry) from revision where record = 'T-006'", "T-006"),
    ("a checkpoint", "delete from checkpoint where size = (select min(size) from checkpoint)", "checkpoint"),
    ("a signature", "update signature set manifest = replace(manifest, 'approved', 'reviewed') where record = 'T-001'", "T-001@1"),
    ("a lost signature", "delete from signature where record = 'T-001'", "signature"),
    ("a password", "update credential set phc = (select phc from credential limit 1) || 'x'", "U0"),
    ("a new table", "create table notes(x)", "notes"),
]


def edit(path, sql):
    """Edits the file as the sqlite3 shell would: triggers are dropped first."""
    db = sqlite3.connect(path)
    for (name,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        db.execute(f'drop trigger "{name}"')
    db.execute("pragma foreign_keys = off")
    cursor = db.execute(sql)
    changed = cursor.rowcount
    db.commit()
    db.close()
    return changed


def story_what_was_changed_in_the_file_is_found_and_named():
    with Folder() as folder:
        demo_folder(folder)
        clean = verify(folder, 0)
        check(clean["findings"] == [] and clean["entries"] > 1000, f"not clean: {clean['findings'][:3]}")
        for what, sql, names in TAMPERING:
            with Folder() as copy:
                shutil.copytree(folder, copy, dirs_exist_ok=True)
                changed = edit(os.path.join(copy, "proofline.db"), sql)
                check(changed != 0, f"{what}: the edit touched nothing")
                report = verify(copy, 8)
                text = json.dumps(report["findings"])
                check(names in text, f"{what}: found, but not named: {text[:600]}")


def story_a_cut_or_replayed_log_is_found():
    with Folder() as folder, Folder() as old:
        demo_folder(folder)
        shutil.copytree(folder, old, dirs_exist_ok=True)
        run("-C", folder, "set", "T-005", "title=Rogue access point, second try", "--reason", "Clearer words for the title")
        verify(folder, 0)
        shutil.copy(os.path.join(old, "proofline.db"), os.path.join(folder, "proofline.db"))
        report = verify(folder, 8)
        check("signed" in json.dumps(report["findings"]), f"an older file was taken: {report['findings'][:2]}")


def refused(folder, file, code, words):
    before = run_json("-C", folder, "log", "--limit", "1")[0]["seq"]
    out = run("-C", folder, "import", "sbom", file, "--device", "sorrel-p1", "--version", "REL-210", code=code)
    check(words in out.stderr, f"{os.path.basename(file)}: no {words!r} in {out.stderr!r}")
    last = run_json("-C", folder, "log", "--limit", "1")[0]
    check(last["seq"] == before + 1 and "refuse" in last["act"], f"{os.path.basename(file)}: the refusal left no entry: {last}")


def story_bad_sboms_are_refused_with_words_and_an_entry():
    good = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [{"type": "library", "name": "a", "bom-ref": "x"}]}
    files = {
        "not-json.json": (b"hello, this is no JSON", 3, "JSON"),
        "cut-off.json": (json.dumps(good).encode()[:70], 3, "byte"),
        "deep.json": (b'{"bomFormat":"CycloneDX","specVersion":"1.6","x":' + b"[" * 100000 + b"]" * 100000 + b"}", 3, "deep"),
        "large.json": (b'{"bomFormat":"CycloneDX","specVersion":"1.6","x":"' + b"a" * (65 << 20) + b'"}', 3, "67108864"),
        "twice.json": (json.dumps({**good, "components": good["components"] * 2}).encode(), 3, "twice"),
        "future.json": (json.dumps({**good, "specVersion": "9.9"}).encode(), 3, "9.9"),
        "spdx-future.json": (b'{"spdxVersion":"SPDX-7.0","SPDXID":"SPDXRef-DOCUMENT","packages":[]}', 3, "7.0"),
        "entities.xml": (b'<?xml version="1.0"?><!DOCTYPE bom [<!ENTITY a "b">]><bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1"/>', 3, "DOCTYPE"),
        "paper.json": (b"%PDF-1.4 no SBOM", 3, "PDF"),
        "keys.json": (b'{"bomFormat":"CycloneDX","specVersion":"1.6","specVersion":"1.5"}', 3, "specVersion"),
    }
    with Folder() as folder, Folder() as inputs:
        demo_folder(folder)
        before = run_json("-C", folder, "verify")["facts"]
        for name, (data, code, words) in files.items():
            path = os.path.join(inputs, name)
            with open(path, "wb") as f:
                f.write(data)
            refused(folder, path, code, words)
            checked = subprocess.run([__import__("story").PROGRAM, "import", "sbom", path, "--check", "-o", "json"], capture_output=True, text=True)
            check(checked.returncode == 3, f"{name}: --check gives {checked.returncode}")
        check(run_json("-C", folder, "verify")["facts"] == before, "something was stored")


def story_bad_records_are_refused_with_words():
    with Folder() as folder:
        demo_folder(folder)
        out = run("-C", folder, "set", "T-001", "strid=tampering", "--reason", "Trying a wrong name", code=3)
        check("stride" in out.stderr, f"the nearest field is not named: {out.stderr}")
        out = run("-C", folder, "set", "T-001", "stride=tempering", "--reason", "Trying a wrong value", code=3)
        check("tampering" in out.stderr, f"the choices are not named: {out.stderr}")
        out = run("-C", folder, "set", "T-001", "title=Other", "--base", "0", "--reason", "Trying revision zero", code=2)
        rev = run_json("-C", folder, "show", "T-001")["revision"]
        run("-C", folder, "set", "T-001", "title=Rogue phone poses as the paired app", "--base", rev, "--reason", "Shorter title for the list")
        out = run("-C", folder, "set", "T-001", "title=Another", "--base", rev, "--reason", "From a stale revision", code=6)
        check("Ines Falk" in out.stderr or "ines" in out.stderr.lower(), f"who saved meanwhile is not named: {out.stderr}")
        run("-C", folder, "show", "T-9999", code=5)
        run("-C", folder, "list", "threat", "strid:tampering", code=2)
        run("-C", folder, "nonsense", code=2)


def story_a_step_that_the_role_may_not_take_is_refused():
    with Folder() as folder:
        demo_folder(folder)
        made = run_json("-C", folder, "--as", "kofi", "new", "requirement", "title=The pump shall log a refused command", "products=sorrel-p1",
                        "statement=The pump shall log each refused command within 1 s.", "kind=security", "derives_from=T-001", "allocated_to=P1")
        before = run_json("-C", folder, "log", "--limit", "1")[0]["seq"]
        run("-C", folder, "--as", "kofi", "state", made["id"], "submit")
        out = run("-C", folder, "--as", "nb-auditor", "state", made["id"], "approve", code=4)
        check("role" in out.stderr.lower(), f"the missing role is not named: {out.stderr}")
        run("-C", folder, "--as", "kofi", "state", made["id"], "approve", code=4)
        acts = [e["act"] for e in run_json("-C", folder, "log", "--limit", "3")]
        check(acts.count("refused") == 2, f"refusals are not in the log: {acts}")
        check(run_json("-C", folder, "show", made["id"])["state"] == "in_review", "the state moved")
        check(before > 0, "no log")


def story_five_wrong_passwords_slow_down():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            visitor = Visitor(server)
            said = []
            for i in range(6):
                visitor.sign_in("ines", "wrong password")
                said.append(visitor.status)
            check(said[:4] == [401] * 4, f"answers: {said}")
            check(said[-1] == 429, f"the sixth try was answered with {said[-1]}")
            visitor.sign_in("ines")
            check(visitor.status == 429, "the right password is taken during the wait")
            unknown = Visitor(server)
            unknown.sign_in("nobody-here", "wrong password")
            check(unknown.status == 401, f"an unknown login was answered with {unknown.status}")
            acts = [e["act"] for e in run_json("-C", folder, "log", "--limit", "20")]
            check(any("session.failed" in a or "alert" in a for a in acts), f"no entry of the failures: {acts}")


def story_a_full_disk_in_the_middle_of_an_import_loses_nothing():
    if os.geteuid() != 0:
        return "mounting a small file system needs root"
    with Folder() as mount, Folder() as inputs:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", mount], capture_output=True).returncode:
            return "this machine lets nobody mount"
        try:
            demo_folder(mount)
            parts = [{"type": "library", "name": f"part-{i}", "version": "1.0", "bom-ref": f"p{i}", "supplier": {"name": "S" * 200},
                      "purl": f"pkg:npm/part-{i}@1.0"} for i in range(60000)]
            path = os.path.join(inputs, "big.json")
            with open(path, "w") as f:
                json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": parts}, f)
            before = run_json("-C", mount, "log", "--limit", "1")[0]["seq"]
            out = subprocess.run([__import__("story").PROGRAM, "-C", mount, "import", "sbom", path, "--device", "sorrel-p1"], capture_output=True, text=True)
            check(out.returncode == 7, f"a full disk gave exit {out.returncode}: {out.stderr[-500:]}")
            check("full" in out.stderr.lower(), f"the words do not say it: {out.stderr}")
            after = run_json("-C", mount, "log", "--limit", "1")[0]["seq"]
            check(after == before, "half an import was kept")
            run("-C", mount, "verify")
        finally:
            subprocess.run(["umount", mount], check=False)


def story_a_new_store_has_no_default_password_and_grows():
    with Folder() as folder:
        password = os.path.join(folder, "secret.txt")
        with open(password, "w") as f:
            f.write("a quite long pass phrase\n")
        store = os.path.join(folder, "acme")
        run("init", store, "--company", "Acme Medical", "--admin", "anna@acme.example", "--name", "Anna Acme")
        run("init", store, code=6)
        run("-C", store, "user", "add", "bert", "--name", "Bert", "--roles", "engineer,approver,reviewer", env={"PROOFLINE_PASSWORD_FILE": password})
        run("-C", store, "new", "product", "title=Linnet", "intended_use=Glucose monitoring", "--id", "linnet")
        run("-C", store, "new", "asset", "title=Glucose value", "products=linnet", "kind=data", "--id", "AST-1")
        made = run_json("-C", store, "new", "threat", "title=Sensor spoofed", "products=linnet", "category=attack", "stride=spoofing",
                        "targets=AST-1")
        check(made["id"] == "THR-0001" and made["rev"] == 1, f"made {made}")
        run("-C", store, "state", "THR-0001", "submit")
        run("-C", store, "state", "THR-0001", "approve", code=4)
        out = run("-C", store, "--as", "bert", "state", "THR-0001", "approve", code=4)
        check("proofline sign THR-0001 approve" in out.stderr, f"the way to sign is not named: {out.stderr}")
        env = {"PROOFLINE_PASSWORD_FILE": password, "PROOFLINE_CODE_FILE": os.path.join(folder, "code")}
        out = run("-C", store, "--as", "bert", "sign", "THR-0001", "approve", env=env, code=4)
        check("second factor" in out.stderr and "totp enrol" in out.stderr, f"the password alone signs: {out.stderr}")
        recovery = second_factor(store, "bert", env)
        run("-C", store, "--as", "bert", "sign", "THR-0001", "approve", env=env)
        check(len(run_json("-C", store, "history", "THR-0001")) == 3, "history is not three entries")
        run("-C", store, "verify")
        run("-C", store, "doctor", code=1)
        with Server("-C", store, "serve", "--listen", "127.0.0.1:0") as server:
            run("-C", store, "set", "THR-0001", "title=Sensor is spoofed", "--reason", "Better words for it")
            visitor = Visitor(server)
            visitor.post("/sign-in", {"login": "bert", "password": "a quite long pass phrase", "code": recovery[0], "to": "/"})
            visitor.open("/r/THR-0001")
            check("Sensor is spoofed" in visitor.page, "the page does not show the change")
        run("-C", store, "verify")
