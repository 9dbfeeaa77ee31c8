"""T-BKP: a backup is encrypted to an offline key, restored before it counts, and nothing damaged ever comes back."""
import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import threading

import story
from story import Folder, Server, check, run, run_json


def often(usual, nightly):
    return nightly if os.environ.get("NIGHTLY_BACKUPS") else usual


def demo_folder(folder):
    with Server("demo", "--port", "0", "--keep", folder):
        pass


def last(store):
    return run_json("-C", store, "log", "--limit", "1")[0]["seq"]


def keyed(folder):
    """A sample store with a key pair."""
    store, key = os.path.join(folder, "s"), os.path.join(folder, "secret")
    demo_folder(store)
    run("-C", store, "--as", "lena", "backup", "keygen", "--out", key)
    return store, key


def backup(store, to):
    return run("-C", store, "--as", "lena", "backup", "--to", to, "--keep", "0").stdout.strip()


def story_t_bkp_under_load_each_is_restored():
    with Folder() as folder:
        store, key = keyed(folder)
        check(os.stat(key).st_mode & 0o777 == 0o400, "others may read the secret key")
        run("-C", store, "--as", "lena", "backup", "keygen", "--out", key, code=6)
        run("-C", store, "--as", "lena", "backup", "keygen", "--out", key + "2", code=6)
        check("restore test" in run("-C", store, "doctor", code=1).stdout, "doctor says nothing of backups")
        done, stop = [], threading.Event()
        with Server("-C", store, "serve", "--listen", "127.0.0.1:0"):
            def write():
                n = 0
                while not stop.is_set():
                    n += 1
                    run("-C", store, "set", "T-001", f"title=Written beside a backup {n}", "--reason", "Load beside the backup")
                    done.append(n)
            writer = threading.Thread(target=write)
            writer.start()
            made = []
            for _ in range(often(3, 200)):
                made.append(backup(store, os.path.join(folder, "b")))
            stop.set()
            writer.join()
        check(done, "nothing was written beside the backups")
        check(not [n for n in os.listdir(store) if n.startswith("backup-")], "a copy stayed in the data folder")
        raw = open(made[-1], "rb").read()
        check(raw.startswith(b"proofline.backup/1\n") and b"Written beside" not in raw and b"SQLite format" not in raw, "it is not encrypted")
        for i, file in enumerate(made):
            to = os.path.join(folder, f"r{i}")
            out = run("-C", to, "restore", file, "--key", key)
            size, root = re.match(r"(\d+) entries, root ([0-9a-f]{64})", out.stdout).groups()
            report = run_json("-C", to, "verify")
            check(report["entries"] == int(size) and report["root"] == root and not report["findings"], f"restored: {report}")
            check(not os.path.exists(os.path.join(to, "signer", "key")) and not os.path.exists(os.path.join(to, "secret.key")), "a secret key is in the backup")
        run("-C", store, "restore", made[0], "--key", key, "--check-only", "--as", "lena")
        words = run("-C", store, "doctor", code=1).stdout      # the sample's advisories are old
        check(words.count("LOOK ") == 1 and "LOOK  advisories" in words, words)
        check(re.search(r"ok\s+backup ", words) and re.search(r"ok\s+restore test", words), words)
        acts = [e["act"] for e in run_json("-C", store, "log", "backup:store", "--limit", "1000")]
        check(acts == ["backup.tested"] + ["backup.made"] * len(made), f"the log: {acts}")


def story_t_bkp_damaged_wrong_and_older_ones_are_refused():
    with Folder() as folder:
        store, key = keyed(folder)
        old = backup(store, os.path.join(folder, "b"))
        run("-C", store, "set", "T-001", "title=Later", "--reason", "Something after the backup")
        new = backup(store, os.path.join(folder, "b"))
        to, bad, other = (os.path.join(folder, n) for n in ("to", "bad.backup", "other"))
        run("-C", os.path.join(folder, "nowhere"), "backup", "keygen", "--out", other)
        out = run("-C", to, "restore", new, "--key", other, code=4)
        check("was made for the key" in out.stderr, out.stderr)
        run("-C", to, "restore", new, "--key", os.path.join(store, "backup.pub"), code=3)
        raw = open(new, "rb").read()
        dice = random.Random(7)
        cases = [("cut", raw[:n]) for n in (0, 10, 200, 400, len(raw) // 2, len(raw) - 1)] + [("longer", raw + b"x")]
        for _ in range(often(20, 50)):
            at = dice.randrange(len(raw))
            cases.append((f"bit at {at}", raw[:at] + bytes([raw[at] ^ (1 << dice.randrange(8))]) + raw[at + 1:]))
        cases.append(("parts swapped", raw[:-70000] + raw[-4000:] + raw[-70000:-4000]))
        for name, data in cases:
            with open(bad, "wb") as f:
                f.write(data)
            done = subprocess.run([story.PROGRAM, "-C", to, "restore", bad, "--key", key], capture_output=True, text=True)
            check(done.returncode in (3, 4, 8), f"{name}: exit {done.returncode}: {done.stderr}")
            check("restored" in done.stderr, f"{name}: {done.stderr}")
            check(not os.path.exists(to), f"{name}: something was left")
        check(not [n for n in os.listdir(folder) if n.startswith("proofline-restore")], "a half restored folder was left")
        head = os.path.join(store, "signer", "head")
        out = run("-C", to, "restore", old, "--key", key, "--known", head, code=6)
        check("older than what was signed" in out.stderr, out.stderr)
        out = run("-C", store, "restore", new, "--key", key, code=6)
        check("There is a store" in out.stderr, out.stderr)
        os.makedirs(os.path.join(to, "signer"))
        shutil.copy(head, os.path.join(to, "signer", "head"))
        run("-C", to, "restore", old, "--key", key, code=6)
        run("-C", os.path.join(folder, "fine"), "restore", old, "--key", key, "--known", head, "--accept-loss")


def story_t_bkp_old_ones_go_by_the_rule():
    with Folder() as folder:
        store, key = keyed(folder)
        to = os.path.join(folder, "b")
        os.makedirs(to)
        with open(os.path.join(to, "notes.backup"), "w") as f:
            f.write("not one of ours")
        for n in range(4):
            run("-C", store, "set", "T-001", f"title=Number {n}", "--reason", "Another entry for the log")
            run("-C", store, "--as", "lena", "backup", "--to", to, "--keep", "2")
        left = sorted(n for n in os.listdir(to) if n.startswith("proofline-"))
        check(len(left) == 2 and os.path.exists(os.path.join(to, "notes.backup")), f"left: {left}")
        run("-C", store, "--as", "lena", "backup", code=2)
        full = os.path.join(folder, "full")
        os.makedirs(full)
        if os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", full], capture_output=True).returncode == 0:
            try:
                run("-C", store, "--as", "lena", "backup", "--to", full, code=7)
                check(not os.listdir(full), "half a backup was left")
            finally:
                subprocess.run(["umount", full], check=False)


def tree_root(leaves):
    """RFC 6962, over the leaves' texts."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0].encode()).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + tree_root(leaves[:k]) + tree_root(leaves[k:])).digest()


def story_t_bkp_to_any_earlier_moment():
    with Folder() as folder:
        store, key = keyed(folder)
        run("-C", store, "set", "T-001", "title=Written late", "--reason", "Something that must not come back")
        password, second = os.path.join(folder, "password"), os.path.join(folder, "second")
        for path, word in ((password, "demo"), (second, "a quite long pass phrase")):
            with open(path, "w") as f:
                f.write(word + "\n")
        run("-C", store, "--as", "sample", "user", "password", "sample", env={"PROOFLINE_PASSWORD_FILE": second})
        file = backup(store, os.path.join(folder, "b"))
        with sqlite3.connect(os.path.join(store, "proofline.db")) as db:
            leaves = [row[0] for row in db.execute("select leaf from entry order by seq")]
        dice = random.Random(11)
        sizes = sorted(dice.sample(range(len(leaves) // 2, len(leaves) - 40), often(2, 100)))
        for size in sizes:
            to = os.path.join(folder, f"at{size}")
            out = run("-C", to, "restore", file, "--key", key, "--at", size)
            root = tree_root(leaves[:size]).hex()
            check(f"{size} entries, root {root}" in out.stdout, f"another root at {size}: {out.stdout}")
            check(len(run_json("-C", to, "log", "--limit", "1000000")) == size, "another log")
            check("Written late" not in run("-C", to, "show", "T-001").stdout, "what came later is there")
        when = json.loads(leaves[sizes[0] - 1])["t"]
        run("-C", os.path.join(folder, "when"), "restore", file, "--key", key, "--at", when)
        run("-C", os.path.join(folder, "far"), "restore", file, "--key", key, "--at", len(leaves) * 2, code=2)
        run("-C", to, "--as", "lena", "recover", "--reason", "The later half was a mistake", "--second", "sample",
            env={"PROOFLINE_PASSWORD_FILE": password, "PROOFLINE_SECOND_PASSWORD_FILE": second})
        check(not run_json("-C", to, "verify")["findings"], "the recovered store does not verify")
        run("-C", to, "set", "T-001", "title=Another way", "--reason", "It goes on from there")
        check(not run_json("-C", to, "verify")["findings"], "nor when it goes on")
