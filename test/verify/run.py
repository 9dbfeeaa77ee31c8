#!/usr/bin/env python3
"""Both verifiers over good packages and many bad ones; they must say the same of each.

usage: run.py BUILD [--all | --generated N]
--all: many more flipped bits.  --generated: N packages that are right in ways of their own, and N that are wrong in one way each,
drawn anew every time (VERIFY_SEED repeats it); for the night"""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "story")]
import anchor_story
import forge
import story
import verify

ALL = "--all" in sys.argv
GENERATED = int(sys.argv[sys.argv.index("--generated") + 1]) if "--generated" in sys.argv else 0
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
            ("two quorums", policy + b"quorum none\n", False), ("the same key twice", line + b"\n" + policy, True),
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


def authority(folder):
    """Stamps the SHA-256 of some bytes as an RFC 3161 authority does."""
    reply_to = anchor_story.authority(folder)

    def stamp(data):
        query, reply = os.path.join(folder, "q.tsq"), os.path.join(folder, "q.tsr")
        digest = forge.sha(data).hex()
        subprocess.run(["openssl", "ts", "-query", "-digest", digest, "-sha256", "-cert", "-out", query], check=True, capture_output=True)
        reply_to(query, reply)
        with open(reply, "rb") as f:
            return f.read()
    return stamp


def second_epoch(program, store, folder):
    """A record with a file, a head that an authority stamped, then an older database put back and a new epoch."""
    ask = lambda *args, **more: story.run("-C", store, *args, **more)
    note, query, reply = (os.path.join(folder, n) for n in ("plan.txt", "log.tsq", "log.tsr"))
    with open(note, "w", encoding="ascii") as f:
        f.write("What was tested, and how.\n")
    ask("--as", "kofi", "attach", "T-001", note, "--reason", "The plan that it rests on")
    ask("--as", "ines", "anchor", "timestamp", "--request", query)
    anchor_story.authority(folder)(query, reply)
    ask("--as", "ines", "anchor", "timestamp", "--reply", reply)
    env = anchor_story.password_files(folder)
    ask("--as", "sample", "user", "password", "sample", env={"PROOFLINE_PASSWORD_FILE": env["PROOFLINE_SECOND_PASSWORD_FILE"]})
    anchor_story.roll_back(store, folder)
    ask("--as", "lena", "recover", "--reason", "The disk died; yesterday's copy", "--second", "sample", env=env)
    ask("--as", "kofi", "set", "T-001", "title=Goes on", "--reason", "After the disk died")


def deeper(tool, package, old_policy, stamp, key, other):
    """Epochs, timestamps and attached files: right, forged without the key, forged with it."""
    files = forge.unzip(package)
    policy = files["policy.txt"]
    known = {}
    again = lambda data: known.setdefault(data, stamp(data)) if data not in known else known[data]
    own = forge.reseal(dict(files), key, stamp=again)
    name = json.loads(files["manifest.json"])["origin"].encode()
    mine, before = key.policy(name), name.rsplit(b"/", 1)[0] + b"/1"
    case(tool, "two epochs", package, policy, good=True)
    case(tool, "two epochs for whoever has both keys", package, policy.split(b"quorum")[0] + old_policy, good=True)
    case(tool, "two epochs for whoever has the first key alone", package, old_policy, kind="checkpoint")
    case(tool, "two epochs that end in a key of ours", forge.zipped(own), mine, good=True)
    case(tool, "two epochs for whoever has another first key", forge.zipped(own), other.policy(before).split(b"quorum")[0] + mine, kind="epoch")
    for words, data in forge.flips(package, 1000 if ALL else 40, 3):
        case(tool, "two epochs: " + words, data, policy)
    for kind, words, change in forge.deeper(own):
        changed = variant(own, change)
        case(tool, "two epochs: " + words, forge.zipped(changed), mine)
        of_proof = words.startswith("a proof of")       # made anew with the head
        case(tool, "two epochs, listed: " + words, forge.zipped(forge.relist(dict(changed))), mine, kind=kind if of_proof else None)
        if not of_proof:
            case(tool, "two epochs, signed: " + words, forge.zipped(forge.reseal(changed, key)), mine, kind=kind)
    both = old_policy.split(b"quorum")[0] + mine
    for words, lie in forge.lies(own, key, other):
        case(tool, "a statement: " + words, forge.zipped(forge.reseal(dict(own), key, lie=lie, stamp=again)), both, kind="epoch")


WORDS = ["risk", "Größe", "\u4e2d\u6587", "\U0001f4a9", '"', "\\", "/", "\n", "\t", "\x01", "<b>", "' OR 1=1", "\u202e", " "]


def generated(files, key, rng):
    """The same records in a log of another length, with other reasons, some of them erased: as good as any."""
    def change(f):
        reasons = json.loads(f["reasons.json"])
        for i, seq in enumerate(list(reasons)):
            what = rng.randrange(4)
            if what == 0 and i:                        # one stays: it is what gets spoiled
                del reasons[seq]
            elif what == 1:
                text = "".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 30)))
                reasons[seq] = {"salt": f"{rng.getrandbits(128):032x}", "text": text}
                forge.leaf(f"entries/{seq}.json", reason=forge.sha(reasons[seq]["salt"].encode(), text.encode()).hex())(f)
        f["reasons.json"] = forge.dump(reasons)
        forge.field("manifest.json", "size", json.loads(f["manifest.json"])["size"] + rng.randrange(3000))(f)
    return forge.reseal(variant(files, change), key)


def spoiled(own, key, other, rng):
    """(words, package) wrong in one way."""
    way = rng.randrange(5)
    if way < 2:
        return next(iter(forge.flips(forge.zipped(own), 1, rng.random())))
    if way == 2:
        kind, words, change = rng.choice(list(forge.insiders(own)))
        return "signed: " + words, forge.zipped(forge.reseal(variant(own, change), key))
    words, change = rng.choice(list(forge.outsiders(own, key, other)))
    changed = variant(own, change)
    listed = way == 4 and "manifest.json" in changed and "files" in json.loads(changed["manifest.json"]) and not words.startswith("manifest")
    return words, forge.zipped(forge.relist(changed) if listed else changed)


def campaign(tool, packages, key, other):
    seed = os.environ.get("VERIFY_SEED", str(random.getrandbits(60)))
    rng = random.Random(seed)
    for i in range(GENERATED):
        files = forge.unzip(rng.choice(packages))
        own = generated(files, key, rng)
        mine = key.policy(json.loads(own["manifest.json"])["origin"].encode())
        case(tool, f"generated {i}, VERIFY_SEED={seed}", forge.zipped(own), mine, good=True)
        words, package = spoiled(own, key, other, rng)
        case(tool, f"mutated {i}, VERIFY_SEED={seed}: {words}", package, mine)


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    program, key, other = os.path.join(build, "src/app/proofline"), forge.Key(forge.SEED), forge.Key(forge.OTHER)
    story.PROGRAM = program
    with tempfile.TemporaryDirectory(prefix="proofline-verify-") as folder:
        tool, store = Tool(os.path.join(build, "src/proof/proofline-verify"), folder), os.path.join(folder, "store")
        demo(program, store)
        if GENERATED:
            campaign(tool, [export(program, store, QUERIES[0], os.path.join(folder, "p.zip"))], key, other)
            print(f"{GENERATED} generated and {GENERATED} mutated packages, two verifiers: {passed} passed, {failed} failed")
            return 1 if failed else 0
        packages = [export(program, store, q, os.path.join(folder, "p.zip")) for q in QUERIES]
        policy = forge.unzip(packages[0])["policy.txt"]
        for query, package in zip(QUERIES, packages):
            case(tool, f"good: {query}", package, policy, good=True)
        bad(tool, packages[0], key, other)
        second_epoch(program, store, folder)
        package = export(program, store, "id:T-001", os.path.join(folder, "p.zip"))
        deeper(tool, package, policy, authority(folder), key, other)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
