"""A record's files are signed with it, leave with it, and come back with it, through a second epoch too (T-VERIFY, T-EPOCH)."""
import hashlib
import json
import os
import subprocess
import sys
import zipfile

import story
from anchor_story import authority, demo_folder, password_files, roll_back
from sign_story import draft
from story import Folder, Server, Visitor, check, run, run_json

VERIFY = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "verify", "verify.py")
TEXT = "What was tested, and how.\n"


def attach(base, folder, one, name="plan.txt", text=TEXT):
    path = os.path.join(base, name)
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    run("-C", folder, "--as", "kofi", "attach", one, path, "--reason", "The plan that it rests on")
    return hashlib.sha256(text.encode()).hexdigest()


def verified(folder, package, code=0):
    """Both verifiers, under the key of the folder."""
    policy = package + ".policy"
    with open(os.path.join(folder, "signer/key.pub"), encoding="ascii") as f:
        key = f.read().strip()
    with open(policy, "w", encoding="ascii") as f:
        f.write(f"log {key}\nquorum none\n")
    tool = os.path.join(os.path.dirname(os.path.dirname(story.PROGRAM)), "proof", "proofline-verify")
    for command in ([tool], [sys.executable, VERIFY]):
        out = subprocess.run([*command, package, policy], capture_output=True, text=True, timeout=60)
        check(out.returncode == code, f"{command[-1]}: {out.returncode} {out.stdout}{out.stderr}")


def story_a_signature_names_the_files_and_they_leave_with_it():
    with Folder() as base:
        folder, package = os.path.join(base, "data"), os.path.join(base, "p.zip")
        with Server("demo", "--port", "0", "--keep", folder) as server:
            one = draft(folder, "The pump shall log a refused command")
            run("-C", folder, "--as", "tomas", "state", one, "send_back", "--reason", "A file is missing")
            digest = attach(base, folder, one)
            run("-C", folder, "--as", "kofi", "state", one, "submit")
            lena = Visitor(server).sign_in("lena")
            lena.open(f"/r/{one}/sign/approve")
            check("plan.txt" in lena.page and digest in lena.page, "the signing page does not name the file")
            lena.post("/sign", {**lena.form("sign"), "password": "demo"})
            check(lena.status == 200, f"signing: {lena.status}")
        run("-C", folder, "verify")
        run("-C", folder, "--as", "ines", "export", "--package", package, f"id:{one}")
        with zipfile.ZipFile(package) as z:
            check(z.read(f"blobs/{digest}").decode() == TEXT, "the file is not in the package")
            marks = [json.loads(z.read(n)) for n in z.namelist() if n.startswith("signatures/")]
        check(marks and marks[-1]["attachments"] == [{"bytes": len(TEXT), "name": "plan.txt", "sha256": digest}], f"manifest: {marks}")
        verified(folder, package)
        data = open(package, "rb").read()
        with open(package, "wb") as f:
            f.write(data.replace(TEXT.encode(), TEXT.replace("tested", "tasted").encode()))
        verified(folder, package, code=8)


def story_a_second_epoch_comes_along():
    with Folder() as base:
        store, made, out, again, package = (os.path.join(base, n) for n in ("s", "made", "out", "again", "p.zip"))
        env, query, reply = password_files(base), os.path.join(base, "q"), os.path.join(base, "r")
        demo_folder(store)
        digest = attach(base, store, "T-001")
        run("-C", store, "--as", "ines", "anchor", "timestamp", "--request", query)
        authority(base)(query, reply)
        run("-C", store, "--as", "ines", "anchor", "timestamp", "--reply", reply)
        run("-C", store, "--as", "sample", "user", "password", "sample", env={"PROOFLINE_PASSWORD_FILE": env["PROOFLINE_SECOND_PASSWORD_FILE"]})
        roll_back(store, base)
        run("-C", store, "--as", "lena", "recover", "--reason", "The disk died", "--second", "sample", env=env)
        run("-C", store, "--as", "lena", "export", "--all", out)
        run("-C", made, "--as", "lena", "import", "--all", out, "--reason", "Moved to the new server")
        run("-C", made, "verify")
        check(run("-C", made, "file", "T-001", "plan.txt").stdout == TEXT and os.path.exists(os.path.join(out, "blobs", digest[:2], digest)), "the file did not come along")
        run("-C", made, "--as", "lena", "export", "--all", again)
        check(open(os.path.join(out, "SHA256SUMS")).read() == open(os.path.join(again, "SHA256SUMS")).read(), "another export")
        for folder, links, stamps in ((store, 1, 1), (made, 2, 0)):
            run("-C", folder, "--as", "ines", "export", "--package", package, "id:T-001")
            verified(folder, package)
            names = zipfile.ZipFile(package).namelist()
            check(len([n for n in names if n.startswith("chain/")]) == links, f"chain: {names}")
            check(len([n for n in names if n.endswith(".tsr")]) == stamps, f"timestamps: {names}")
        check(run_json("-C", made, "show", "T-001")["hash"] == run_json("-C", store, "show", "T-001")["hash"], "another record")
