#!/usr/bin/env python3
"""Both verifiers over good packages and many bad ones; they must say the same of each.

usage: run.py BUILD [--all]      --all: many more flipped bits, for the night"""
import json
import os
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import forge
import verify

ALL = "--all" in sys.argv
QUERIES = ["type:threat stride:tampering", "all", "type:supplier", "id:T-001", "type:document state:effective", "type:finding",
           "type:capa", "type:release"]
passed, failed = 0, 0


class Tool:
    """proofline-verify as a process; its findings as (kind, object)."""

    def __init__(self, path, folder):
        self.path, self.folder = path, folder

    def check(self, package, policy):
        names = [os.path.join(self.folder, n) for n in ("case.zip", "case.policy")]
        with open(names[0], "wb") as f:
            f.write(package)
        if policy is not None:
            with open(names[1], "wb") as f:
                f.write(policy)
        out = subprocess.run([self.path, *names[:1 if policy is None else 2]], capture_output=True, text=True, timeout=60)
        lines = [tuple(line.split(" ", 2)[:2]) for line in out.stdout.splitlines()]
        if out.returncode != (8 if lines else 0):
            return [("crash", f"exit {out.returncode}: {out.stderr[-300:]}")]
        return lines


def case(tool, words, package, policy, kind=None, good=False):
    """kind: what must be found; good: nothing may be."""
    global passed, failed
    one = tool.check(package, policy)
    two = [f[:2] for f in verify.check(package, policy)]
    right = (not one) == good and sorted(one) == sorted(two) and (kind is None or kind in [k for k, _ in one])
    passed, failed = passed + right, failed + (not right)
    if not right:
        print(f"FAILED {words}: proofline-verify {one[:3]}, verify.py {two[:3]}" + (f", expected {kind}" if kind else ""))


def demo(program, folder):
    """A store with the sample company."""
    p = subprocess.Popen([program, "demo", "--port", "0", "--keep", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = p.stdout.readline()
    p.send_signal(signal.SIGTERM)
    p.communicate(timeout=60)
    if not line.startswith("http://"):
        raise SystemExit("the sample company could not be made")


def export(program, store, query, path):
    subprocess.run([program, "-C", store, "--as", "ines", "--quiet", "export", "--package", path, query], check=True,
                   stdout=subprocess.DEVNULL)
    with open(path, "rb") as f:
        return f.read()


def variant(files, change):
    copy = dict(files)
    change(copy)
    return copy


def policies(tool, package, policy, key, name):
    line = next(part for part in policy.split(b"\n") if part.startswith(b"log "))
    for words, text, good in [
            ("comments and blank lines", b"# ours\n\n  " + line + b" https://log.example/\n\tquorum  none\n", True),
            ("another log as well", key.policy(b"proofline/other/1").split(b"\n")[0] + b"\n" + policy, True),
            ("no log", b"quorum none\n", False), ("no quorum", line + b"\n", False), ("nothing", b"", False),
            ("two quorums", policy + b"quorum none\n", False), ("the same key twice", line + b"\n" + policy, False),
            ("a witness", policy + b"witness w " + line[4:] + b"\n", False), ("no line end", policy[:-1], False),
            ("another name", policy.replace(b"proofline/", b"proofline/0", 1), False), ("zeroes", bytes(40), False),
            ("another key", key.policy(name), False), ("another key of the same id", line[:-4] + b"AAAA\nquorum none\n", False)]:
        case(tool, f"policy: {words}", package, text, good=good, kind=None)


def bad(tool, package, key, other):
    files = forge.unzip(package)
    own = forge.reseal(dict(files), key)
    name = json.loads(files["manifest.json"])["origin"].encode()
    policy, mine = files["policy.txt"], key.policy(name)
    case(tool, "the same under a key of ours", forge.zipped(own), mine, good=True)
    case(tool, "the same without a policy", package, None, good=True)
    case(tool, "under a policy of another key", package, mine, kind="checkpoint")
    for words, data in forge.flips(package, 4000 if ALL else 150, 1):
        case(tool, words, data, policy)
    for words, data in forge.cuts(package, 2):
        case(tool, words, data, policy, kind="zip")
    for words, change in forge.outsiders(own, key, other):
        changed = variant(own, change)
        case(tool, words, forge.zipped(changed), mine)
        if "manifest.json" in changed and "files" in json.loads(changed["manifest.json"]) and not words.startswith("manifest"):
            case(tool, words + ", listed", forge.zipped(forge.relist(changed)), mine)
    for kind, words, change in forge.insiders(own):
        case(tool, "signed: " + words, forge.zipped(forge.reseal(variant(own, change), key)), mine, kind=kind)
    for text in ['"quoted" \\n \\\\u0041 /', "\b\f\n\r\t\x01\x1f\x7f", "Größe \u4e2d \U0001f4a9", "x" * 500]:
        case(tool, f"the reason {text!r}", forge.zipped(forge.reseal(variant(own, forge.reason_with(text)), key)), mine, good=True)
    witness = b"\xe2\x80\x94 witness.example AAAAAAAA\n"
    seen = {n: d + witness if n == "checkpoint" or n.startswith("proofs/") else d for n, d in own.items()}
    case(tool, "a witness's line under the head", forge.zipped(forge.relist(seen)), mine, good=True)
    policies(tool, package, policy, key, name)


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    program, key, other = os.path.join(build, "src/app/proofline"), forge.Key(forge.SEED), forge.Key(forge.OTHER)
    with tempfile.TemporaryDirectory(prefix="proofline-verify-") as folder:
        tool, store = Tool(os.path.join(build, "src/proof/proofline-verify"), folder), os.path.join(folder, "store")
        demo(program, store)
        packages = [export(program, store, q, os.path.join(folder, "p.zip")) for q in QUERIES]
        policy = forge.unzip(packages[0])["policy.txt"]
        for query, package in zip(QUERIES, packages):
            case(tool, f"good: {query}", package, policy, good=True)
        bad(tool, packages[0], key, other)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
