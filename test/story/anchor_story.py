"""The log is remembered outside its store, and says so when something was put back (T-ANCHOR, T-EPOCH, T-TIME)."""
import os
import re
import shutil
import subprocess

import story
from story import Folder, Server, Visitor, check, run, run_json


def demo_folder(folder):
    with Server("demo", "--port", "0", "--keep", folder):
        pass


def password_files(base):
    path = os.path.join(base, "password")
    with open(path, "w", encoding="ascii") as f:
        f.write("demo\n")
    other = os.path.join(base, "other")
    with open(other, "w", encoding="ascii") as f:
        f.write("correct horse battery staple\n")
    return {"PROOFLINE_PASSWORD_FILE": path, "PROOFLINE_SECOND_PASSWORD_FILE": other}


def save(folder, words, **more):
    return run("-C", folder, "--as", "kofi", "new", "requirement", f"title={words}", "products=sorrel-p1",
               "statement=The pump shall log each refused command within 1 s.", "kind=security", "derives_from=T-001", "allocated_to=P1", **more)


def roll_back(folder, base):
    """Three entries later, the database of before is put back; the signer remembers."""
    before = os.path.join(base, "before.db")
    shutil.copy(os.path.join(folder, "proofline.db"), before)
    for i in range(3):
        save(folder, f"Path {i}")
    for name in ("proofline.db-wal", "proofline.db-shm"):
        if os.path.exists(os.path.join(folder, name)):
            os.remove(os.path.join(folder, name))
    shutil.copy(before, os.path.join(folder, "proofline.db"))


def story_an_older_store_is_refused_until_two_people_say_why():
    with Folder() as base:
        folder = os.path.join(base, "data")
        env = password_files(base)
        demo_folder(folder)
        run("-C", folder, "--as", "sample", "user", "password", "sample",
            env={"PROOFLINE_PASSWORD_FILE": env["PROOFLINE_SECOND_PASSWORD_FILE"]})
        run("-C", folder, "anchor", "archive", os.path.join(base, "archive"))
        paper = os.path.join(base, "paper")
        with open(paper, "w", encoding="ascii") as f:
            f.write(run("-C", folder, "anchor", "--paper").stdout)
        with open(os.path.join(folder, "signer/key.pub"), encoding="ascii") as f:
            old_key = f.read()
        roll_back(folder, base)
        refused = save(folder, "Never", code=8)
        check("older database was put back" in refused.stderr and "proofline recover" in refused.stderr, refused.stderr)
        found = run("-C", folder, "verify", code=8).stdout
        check("rolled back" in found and "archive" in found, found)
        server = subprocess.run([story.PROGRAM, "-C", folder, "serve", "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
        check(server.returncode != 0 and "older database was put back" in server.stderr, f"{server.returncode} {server.stderr}")
        run("-C", folder, "--as", "lena", "recover", "--reason", "The disk died", "--second", "lena", env=env, code=4)
        run("-C", folder, "--as", "kofi", "recover", "--reason", "The disk died", "--second", "lena", env=env, code=4)
        run("-C", folder, "--as", "lena", "recover", "--second", "amara", env=env, code=2)
        again = ["-C", folder, "--as", "lena", "recover", "--reason", "The disk died; yesterday's copy", "--second", "sample"]
        run(*again, env={**env, "PROOFLINE_SECOND_PASSWORD_FILE": env["PROOFLINE_PASSWORD_FILE"]}, code=4)
        out = run(*again, env=env)
        check(out.stdout.strip().endswith("/2"), out.stdout)
        run("-C", folder, "verify", "--anchor", paper)
        save(folder, "Goes on")
        run("-C", folder, "anchor", "archive", os.path.join(base, "archive"), code=6)
        run("-C", folder, "anchor", "archive", os.path.join(base, "second"))
        run("-C", folder, "verify")
        run("-C", folder, "--as", "lena", "recover", "--reason", "Again", "--second", "sample", env=env, code=6)
        entry = [e for e in run_json("-C", folder, "log") if e.get("act") == "epoch.start"]
        check(len(entry) == 1, f"{len(entry)} entries epoch.start")
        package(folder, base, old_key)


def package(folder, base, old_key):
    """A package of the second epoch verifies with its key, and not with the one of the first."""
    checker = os.path.join(os.path.dirname(os.path.dirname(story.PROGRAM)), "proof", "proofline-verify")
    zip_path, new, old = (os.path.join(base, n) for n in ("p.zip", "new.txt", "old.txt"))
    run("-C", folder, "--as", "ines", "export", "T-001", "--package", zip_path)
    for path, key in ((new, open(os.path.join(folder, "signer/key.pub"), encoding="ascii").read()), (old, old_key)):
        with open(path, "w", encoding="ascii") as f:
            f.write(f"log {key.strip()}\nquorum none\n")
    for path, want in ((new, 0), (old, 8)):
        out = subprocess.run([checker, zip_path, path], capture_output=True, text=True, timeout=60)
        check(out.returncode == want, f"{path}: {out.returncode} {out.stdout}{out.stderr}")


TSA = """[tsa]
default_tsa = t
[t]
serial = {base}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical,timeStamping
"""


def authority(base):
    """A timestamp authority of the story's own."""
    def openssl(*args):
        out = subprocess.run(["openssl", *args], cwd=base, capture_output=True, text=True, timeout=60)
        check(out.returncode == 0, out.stderr)

    with open(os.path.join(base, "tsa.cnf"), "w", encoding="ascii") as f:
        f.write(TSA.format(base=base))
    with open(os.path.join(base, "serial"), "w", encoding="ascii") as f:
        f.write("01\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Story root", "-days", "2")
    openssl("req", *key, "-keyout", "t.key", "-out", "t.csr", "-subj", "/CN=Story authority")
    openssl("x509", "-req", "-in", "t.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "tsa.cnf",
            "-extensions", "ext", "-out", "t.pem")
    return lambda query, reply: openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "t", "-queryfile", query, "-signer", "t.pem",
                                        "-inkey", "t.key", "-out", reply)


def story_what_remembers_the_log_is_kept_and_compared():
    with Folder() as base:
        folder, archive = os.path.join(base, "data"), os.path.join(base, "archive")
        query, reply, paper = (os.path.join(base, n) for n in ("log.tsq", "log.tsr", "paper"))
        stamp = authority(base)
        demo_folder(folder)
        run("-C", folder, "anchor", "archive", archive)
        run("-C", folder, "--as", "ines", "anchor", "timestamp", "--request", query)
        save(folder, "While the request waits")
        stamp(query, reply)
        shutil.copy(os.path.join(base, "ca.pem"), os.path.join(folder, "timestamp-ca.pem"))
        broken = open(reply, "rb").read()
        with open(os.path.join(base, "broken.tsr"), "wb") as f:
            f.write(broken[:-1] + bytes([broken[-1] ^ 1]))
        run("-C", folder, "--as", "ines", "anchor", "timestamp", "--reply", os.path.join(base, "broken.tsr"), code=3)
        run("-C", folder, "--as", "ines", "anchor", "timestamp", "--reply", reply)
        shown = run("-C", folder, "anchor").stdout
        check("agrees" in shown and "Story authority" in shown, shown)
        receipt = run("-C", folder, "anchor", "receipt", "T-001").stdout
        with open(paper, "w", encoding="utf-8") as f:
            f.write(receipt)
        run("-C", folder, "anchor", "check", paper)
        with open(paper, "w", encoding="ascii") as f:
            f.write(run("-C", folder, "anchor", "--paper").stdout)
        run("-C", folder, "verify", "--anchor", paper)
        with Server("-C", folder, "serve", "--listen", "127.0.0.1:0") as server:
            v = Visitor(server)
            v.sign_in("lena")
            page = v.open("/log/checkpoint")
            check("<svg" in page and "Root" in page and "Origin" in page, page[:500])
            v.open("/log/3/receipt")
            check(v.page.startswith("c2sp.org/tlog-proof@v1\nindex 3\n"), v.page[:200])
        tile = os.path.join(archive, "tile/entries/000")
        data = bytearray(open(tile, "rb").read())
        data[100] ^= 1
        os.chmod(tile, 0o600)
        with open(tile, "wb") as f:
            f.write(data)
        check("archive" in run("-C", folder, "verify", code=8).stdout, "a changed archive was not found")

