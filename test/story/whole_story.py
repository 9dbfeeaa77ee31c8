"""Everything leaves as readable files, and the same instance comes back from them."""
import filecmp
import hashlib
import json
import os
import re
import shutil
import subprocess

import story
from story import Folder, Server, check, run, run_json


def demo_folder(folder):
    with Server("demo", "--port", "0", "--keep", folder):
        pass


def files(folder):
    return sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, names in os.walk(folder) for f in names)


def same(a, b):
    one, two = files(a), files(b)
    check(one == two, f"other files: {set(one) ^ set(two)}")
    for f in one:
        check(filecmp.cmp(os.path.join(a, f), os.path.join(b, f), shallow=False), f"{f} differs")


def story_out_in_and_out_again_is_the_same():
    with Folder() as folder:
        store, made, out, again = (os.path.join(folder, n) for n in ("s", "made", "out", "again"))
        demo_folder(store)
        run("-C", store, "set", "T-001", "title=Rogue \u202e phone \U0001f600 \"quoted\"", "--reason", "A title that is hard to keep")
        run("-C", store, "--as", "lena", "export", "--all", out, "--reason", "nightly")
        source = json.load(open(os.path.join(out, "proofline-export.json")))
        one = json.load(open(os.path.join(out, "records/threat/T-001.json")))
        check(one["revisions"][-1]["body"]["title"].startswith("Rogue") and one["history"], "the record's file is not readable")
        run("-C", made, "import", "--all", out, code=4)
        check(not os.path.exists(made), "something was left")
        run("-C", made, "--as", "lena", "import", "--all", out, "--reason", "Moved to the new server")
        run("-C", made, "verify")
        hashes = lambda s: {r["id"]: (r["hash"], r["state"], r["revision"]) for r in run_json("-C", s, "list", "all")}
        check(hashes(store) == hashes(made), "a record has another hash, state or revision")
        log = run_json("-C", made, "log", "--limit", "100000")
        told = next(e for e in log if e["act"] == "import.all")
        check(told["seq"] == source["size"] and source["origin"] in told["reason"] and source["root"] in told["reason"], f"the log does not say where it came from: {told}")
        check(told["actor"] == one["history"][0]["who"] or told["actor"].startswith("U"), "or who did it")
        run("-C", made, "--as", "lena", "export", "--all", again)
        same(out, again)
        run("-C", made, "import", "--all", out, "--as", "lena", code=6)
        run("-C", made, "set", "T-002", "title=After the move", "--as", "ines", "--reason", "The log goes on from here")
        run("-C", made, "verify")
        run("-C", made, "--as", "lena", "export", "--all", again)
        third = os.path.join(folder, "third")
        run("-C", third, "--as", "lena", "import", "--all", again)
        check(hashes(made) == hashes(third), "the second move lost something")


def story_an_instance_nobody_used_may_be_filled():
    with Folder() as folder:
        store, made, out = (os.path.join(folder, n) for n in ("s", "made", "out"))
        demo_folder(store)
        run("-C", store, "--as", "lena", "export", "--all", out)
        run("init", made, "--admin", "zoe@example.org", "--company", "Zoe & Co")
        run("-C", made, "--as", "lena", "import", "--all", out)
        run("-C", made, "verify")
        check(any(n.startswith("made.empty-") for n in os.listdir(folder)), "the empty instance was not kept aside")


def story_a_changed_export_is_refused():
    with Folder() as folder:
        store, made, out = (os.path.join(folder, n) for n in ("s", "made", "out"))
        demo_folder(store)
        run("-C", store, "--as", "lena", "export", "--all", out)
        blob = next(f for f in files(out) if f.startswith("blobs/"))
        cases = [("records/threat/T-002.json", '"title": "', '"title": "X'), ("log/000000.jsonl", "record.new", "record.nex"),
                 ("tables/person.jsonl", "Ines", "Inez"), ("tables/sbom.jsonl", "sorrel", "sorrle"), (blob, None, None), ("SHA256SUMS", "records", "recorbs"),
                 ("proofline-export.json", '"size": ', '"size": 1'), ("records/threat/T-003.json", '"did": "', '"did": "x'),
                 ("records/threat/T-004.json", '"stride": "', '"stride": "x'), ("log/000000.jsonl", '"reason":"', '"reason":"x')]
        for name, old, new in cases:
            path = os.path.join(out, name)
            kept = open(path, "rb").read()
            changed = kept + b"x" if old is None else kept.replace(old.encode(), new.encode(), 1)
            check(changed != kept, f"{name}: the case changes nothing")
            with open(path, "wb") as f:
                f.write(changed)
            refused(made, out, name)
            with open(path, "wb") as f:
                f.write(kept)
        for name in ("records/threat/T-005.json", "log/000000.jsonl", "tables/package.jsonl", blob, "proofline-export.json"):
            path = os.path.join(out, name)
            os.rename(path, os.path.join(folder, "away"))
            refused(made, out, name)
            os.rename(os.path.join(folder, "away"), path)
        with open(os.path.join(out, "records/threat/T-999.json"), "w") as f:
            f.write("{}")
        refused(made, out, "T-999")
        os.remove(os.path.join(out, "records/threat/T-999.json"))
        os.symlink("/etc/passwd", os.path.join(out, "records/threat/T-998.json"))
        refused(made, out, "T-998")
        os.remove(os.path.join(out, "records/threat/T-998.json"))
        run("-C", made, "--as", "lena", "import", "--all", out)


def put(path, text):
    os.remove(path)
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(text)


def sums_again(out):
    """A forger who knows the format: the sums fit the files again."""
    path, source = os.path.join(out, "SHA256SUMS"), os.path.join(out, "proofline-export.json")
    lines = [line[66:] for line in open(path).read().splitlines()]
    text = "".join(f"{hashlib.sha256(open(os.path.join(out, n), 'rb').read()).hexdigest()}  {n}\n" for n in lines)
    put(path, text)
    about = open(source).read()
    put(source, re.sub(r'"sums": "[0-9a-f]+"', f'"sums": "{hashlib.sha256(text.encode()).hexdigest()}"', about))


def story_a_forged_export_is_refused():
    with Folder() as folder:
        store, made, out, copy = (os.path.join(folder, n) for n in ("s", "made", "out", "copy"))
        demo_folder(store)
        run("-C", store, "--as", "lena", "export", "--all", out)
        for name, old, new in [("records/threat/T-002.json", '"body": {', '"body": {"model":1,'), ("records/threat/T-004.json", '"stride": "', '"stride": "x'),
                               ("log/000000.jsonl", "record.new", "record.nex"), ("log/000000.jsonl", '"reason":"', '"reason":"x'),
                               ("tables/sbom_component.jsonl", "openssl", "openssh"), ("tables/verdict.jsonl", '"', '"x'), ("tables/gap.jsonl", "F20", "F21"),
                               ("tables/signature.jsonl", "approve", "reviewe"), ("records/threat/T-003.json", '"did": "', '"did": "x')]:
            shutil.copytree(out, copy, copy_function=os.link)   # files are replaced, never written into
            path = os.path.join(copy, name)
            text = open(path, encoding="utf-8", newline="").read()
            at = text.index("\n") if name.startswith("tables/") else 0
            changed = text[:at] + text[at:].replace(old, new, 1)
            check(changed != text, f"{name}: the case changes nothing")
            put(path, changed)
            sums_again(copy)
            done = subprocess.run([story.PROGRAM, "-C", made, "--as", "lena", "import", "--all", copy], capture_output=True, text=True)
            check(done.returncode in (3, 8) and "Nothing was imported" in done.stderr, f"{name}: exit {done.returncode} {done.stderr}")
            check(not os.path.exists(made), f"{name}: something was left")
            shutil.rmtree(copy)


def refused(made, out, name):
    done = subprocess.run([story.PROGRAM, "-C", made, "--as", "lena", "import", "--all", out], capture_output=True, text=True)
    part = name.split("/")[-1].split(".")[0]
    check(done.returncode in (3, 8), f"{name}: exit {done.returncode} {done.stderr}")
    check(part in done.stderr or name.split("/")[0] in done.stderr, f"{name} is not named: {done.stderr}")
    check(not os.path.exists(made) and not [n for n in os.listdir(os.path.dirname(made)) if ".import-" in n], f"{name}: something was left")
