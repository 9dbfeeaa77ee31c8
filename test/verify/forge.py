"""Packages that are wrong in one way each: bytes changed, files changed, and logs whose own signer lies."""
import hashlib
import json
import os
import random
import re
import struct
import subprocess
import tempfile
import zlib

SEED = bytes(range(32))
OTHER = bytes(range(1, 33))


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def dump(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def b64(data):
    import base64
    return base64.b64encode(data)


def openssl(*args, **files):
    """Runs openssl with files by name; returns what it writes to its standard output."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)
        return subprocess.run(["openssl", *args], cwd=folder, capture_output=True, check=True).stdout


class Key:
    def __init__(self, seed):
        self.private = bytes.fromhex("302e020100300506032b657004220420") + seed
        self.public = openssl("pkey", "-inform", "DER", "-in", "key", "-pubout", "-outform", "DER", key=self.private)[-32:]

    def sign(self, message):
        return openssl("pkeyutl", "-sign", "-inkey", "key", "-keyform", "DER", "-rawin", "-in", "message", key=self.private,
                       message=message)

    def ident(self, name):
        return sha(name, b"\n\1", self.public)[:4]

    def line(self, name):
        return name + b"+" + self.ident(name).hex().encode() + b"+" + b64(b"\1" + self.public)

    def policy(self, name):
        return b"log " + self.line(name) + b"\nquorum none\n"

    def note(self, name, size, root):
        text = b"%s\n%d\n%s\n" % (name, size, b64(root))
        return text + b"\n\xe2\x80\x94 " + name + b" " + b64(self.ident(name) + self.sign(text)) + b"\n"


def unzip(data):
    """Lenient: for making variants of a good package."""
    import io
    import zipfile
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        return {i.filename: z.read(i) for i in z.infolist()}


def zipped(files, order=None):
    body, listing = b"", b""
    for name in order or sorted(files):
        data, raw = files[name], name.encode()
        common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(raw), 0)
        listing += b"PK\1\2\x14\0" + common + bytes(10) + struct.pack("<I", len(body)) + raw
        body += b"PK\3\4" + common + raw + data
    n = len(order or files)
    return body + listing + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, n, n, len(listing), len(body), 0)


def relist(files):
    """The manifest's hashes anew: what anybody can do who has no key."""
    m = json.loads(files["manifest.json"])
    m["files"] = {n: sha(d).hex() for n, d in files.items() if n != "manifest.json"}
    files["manifest.json"] = dump(m)
    return files


def tree(leaves):
    levels = [leaves]
    while len(levels[-1]) > 1:
        low = levels[-1]
        levels.append([sha(b"\1", low[i], low[i + 1]) if i + 1 < len(low) else low[i] for i in range(0, len(low), 2)])
    return levels


def path(levels, at):
    out = []
    for level in levels[:-1]:
        if at ^ 1 < len(level):
            out.append(level[at ^ 1])
        at >>= 1
    return out


def again_in(files, old, new, data):
    del files[old]
    files[new] = data


def rechain(files, key, leaves, lie):
    """Statements of epochs that fit the new tree, the last with our key; lie: what a forger writes into each."""
    m, c = json.loads(files["manifest.json"]), json.loads(files["content.json"])
    starts = [s for s in c["chain"] if json.loads(files[f"entries/{s}.json"])["act"] == "epoch.start"]
    for seq in starts:
        entry = json.loads(files[f"entries/{seq}.json"])
        old = "chain/" + entry["new"]
        value = json.loads(files[old])
        value["kept_root"] = tree(leaves(seq))[-1][0].hex()
        if seq == starts[-1]:
            value["key"] = key.line(m["origin"].encode()).decode()
        if lie:
            lie(value)
        data = dump(value)
        entry["new"] = sha(data).hex()
        again_in(files, old, "chain/" + entry["new"], data)
        files[f"entries/{seq}.json"] = dump(entry)


def restamp(files, leaves, stamp):
    """Heads that fit the new tree, stamped anew."""
    for name in [n for n in files if re.fullmatch("timestamps/[0-9]+", n)]:
        lines = files[name].split(b"\n")
        lines[2] = b64(tree(leaves(int(lines[1])))[-1][0])
        files[name] = b"\n".join(lines)
        files[name + ".tsr"] = stamp(files[name])


def leaves_of(files):
    """Leaves of a tree with the entries that are here; what is not here is made up."""
    def leaves(size):
        names = [f"entries/{i}.json" for i in range(size)]
        return [sha(b"\0", files[n]) if n in files else sha(b"filler %d" % i) for i, n in enumerate(names)]
    return leaves


def reseal(files, key, content=True, mark=True, lie=None, stamp=None):
    """Everything that a liar can do who has the log's key: another content, another tree, another head over it."""
    m = json.loads(files["manifest.json"])
    name = m["origin"].encode()
    export = f"entries/{m['export']}.json"
    if stamp:
        rechain(files, key, leaves_of(files), lie)
        restamp(files, leaves_of(files), stamp)
    if content:
        c = json.loads(files["content.json"])
        skip = {"manifest.json", "content.json", "checkpoint", "policy.txt", export}
        c["files"] = {n: sha(d).hex() for n, d in files.items() if n not in skip and not n.startswith("proofs/")}
        files["content.json"] = dump(c)
    if mark:
        leaf = json.loads(files[export])
        m["content"] = sha(files["content.json"]).hex()
        leaf["obj"] = "package:" + m["content"]
        files[export] = dump(leaf)
    entries = [int(n[8:-5]) for n in files if n.startswith("entries/") and n[8:-5].isdigit()]
    levels = tree(leaves_of(files)(m["size"]))
    files["checkpoint"] = key.note(name, m["size"], levels[-1][0])
    files["policy.txt"] = key.policy(name)
    for seq in entries:
        if f"proofs/{seq}" in files and seq < m["size"]:
            lines = b"".join(b64(h) + b"\n" for h in path(levels, seq))
            files[f"proofs/{seq}"] = b"c2sp.org/tlog-proof@v1\nindex %d\n%s\n%s" % (seq, lines, files["checkpoint"])
    for proof in [n for n in files if n.startswith("proofs/") and n.endswith(".head")]:
        seq = int(proof[7:-5])
        lines = b"".join(b64(h) + b"\n" for h in path(levels, seq))
        files[proof] = b"c2sp.org/tlog-proof@v1\nextra %s\nindex %d\n%s\n%s" % (b64(levels[0][seq]), seq, lines, files["checkpoint"])
    m["root"] = levels[-1][0].hex()
    files["manifest.json"] = dump(m)
    return relist(files)


def edit(files, name, change):
    value = json.loads(files[name])
    again = change(value)
    files[name] = dump(value if again is None else again)


def reason_with(text):
    """The first reason in other words, which the log was given."""
    def change(f):
        seq = next(iter(json.loads(f["reasons.json"])))
        edit(f, "reasons.json", lambda v: v.__setitem__(seq, {"salt": "0" * 32, "text": text}))
        edit(f, f"entries/{seq}.json", lambda v: v.__setitem__("reason", sha(b"0" * 32, text.encode()).hex()))
    return change


# ---- bytes ------------------------------------------------------------------------------------------------------------

def flips(data, n, seed):
    rng = random.Random(seed)
    for _ in range(n):
        at, bit = rng.randrange(len(data)), rng.randrange(8)
        yield f"bit {bit} of byte {at}", data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:]


def cuts(data, seed):
    rng = random.Random(seed)
    for at in [0, 1, 21, 22, len(data) - 1, *(rng.randrange(len(data)) for _ in range(6))]:
        yield f"only the first {at} bytes", data[:at]
    yield "a byte behind the end", data + b"\0"
    yield "a byte before the start", b"\0" + data
    yield "twice in a row", data + data
    files = unzip(data)
    names = sorted(files)
    yield "a name twice", zipped(files, names + names[-1:])
    yield "names out of order", zipped(files, names[::-1])
    for name in ["../out", "/etc/x", "a/../../b", "a//b", "a\\b", "", "blobs/" + "a" * 130, "x\n", "./a", "zö"]:
        yield f"a file named {name!r}", zipped(relist(dict(files, **{name: b"x"})))


# ---- files: by somebody without the key ----------------------------------------------------------------------------------

def swap(a, b):
    def change(f):
        f[a], f[b] = f[b], f[a]
    return change


def put(name, data):
    def change(f):
        f[name] = data
    return change


def drop(name):
    def change(f):
        del f[name]
    return change


def move(a, b):
    def change(f):
        f[b] = f.pop(a)
    return change


def sub(name, a, b):
    def change(f):
        assert a in f[name], (name, a)
        f[name] = f[name].replace(a, b, 1)
    return change


def field(name, key, value):
    return lambda f: edit(f, name, lambda v: v.__setitem__(key, value))


def outsiders(files, key, other):
    """(words, change) of what anybody can do to a package of `key`."""
    m = json.loads(files["manifest.json"])
    name = m["origin"].encode()
    entries = sorted(n for n in files if n.startswith("entries/"))
    proofs = sorted(n for n in files if n.startswith("proofs/"))
    revisions = sorted(n for n in files if n.startswith("revisions/"))
    signatures = sorted(n for n in files if n.startswith("signatures/"))
    reasons = json.loads(files["reasons.json"])
    first = next(iter(reasons))
    note = files["checkpoint"]
    lines = note.split(b"\n")
    yield "two leaves swapped", swap(entries[0], entries[1])
    yield "two proofs swapped", swap(proofs[0], proofs[1])
    yield "two revisions swapped", swap(revisions[0], revisions[1])
    yield "two signatures swapped", swap(signatures[0], signatures[1])
    yield "leaf renumbered", move(entries[0], "entries/999999.json")
    yield "revision renamed", move(revisions[0], revisions[0].replace("@1", "@9"))
    yield "revision renamed to another record", move(revisions[0], "revisions/X-1@1.json")
    yield "a revision missing", drop(revisions[0])
    yield "a leaf missing", drop(entries[0])
    yield "a proof missing", drop(proofs[0])
    yield "a leaf and its proof missing", lambda f: (drop(entries[0])(f), drop("proofs/" + entries[0][8:-5])(f))
    yield "a signature missing", drop(signatures[0])
    for n in ["checkpoint", "content.json", "index.html", "people.json", "policy.txt", "reasons.json"]:
        yield f"{n} missing", drop(n)
        yield f"{n} empty", put(n, b"")
        yield f"{n} with a byte more", put(n, files[n] + b" ")
    yield "a file too many", put("note.txt", b"trust me")
    yield "a blob too many", put("blobs/" + sha(b"x").hex(), b"x")
    yield "a blob of another name", put("blobs/" + "0" * 64, b"x")
    yield "another reason", lambda f: edit(f, "reasons.json", lambda v: v[first].__setitem__("text", "Agreed by all"))
    yield "another salt", lambda f: edit(f, "reasons.json", lambda v: v[first].__setitem__("salt", "0" * 32))
    yield "a reason taken away", lambda f: edit(f, "reasons.json", lambda v: v.pop(first) and None)
    yield "another name of a person", lambda f: edit(f, "people.json", lambda v: v.__setitem__(next(iter(v)), "Nobody"))
    yield "a sentence more on the page", sub("index.html", b"</body>", b"<p>Approved by all.</p></body>")
    yield "a word of a revision", lambda f: edit(f, revisions[0], lambda v: v.__setitem__("title", "Harmless"))
    for k, v in {"asked": "all", "by": "U000099", "content": "0" * 64, "export": 0, "origin": "proofline/x/1", "root": "0" * 64,
                 "schema": "x", "size": m["size"] + 1, "when": "2026-01-01T00:00:00.000000Z", "more": 1, "files": []}.items():
        yield f"manifest: another {k}", field("manifest.json", k, v)
    for k in m:
        yield f"manifest without {k}", lambda f, k=k: edit(f, "manifest.json", lambda v: v.pop(k) and None)
    yield "manifest with white space", put("manifest.json", files["manifest.json"].replace(b":", b": ", 1))
    yield "head of another size", sub("checkpoint", lines[1], b"%d" % (m["size"] + 1))
    yield "head without a signature", put("checkpoint", b"\n".join(lines[:4]) + b"\n")
    yield "head of a foreign key", put("checkpoint", other.note(name, m["size"], bytes.fromhex(m["root"])))
    yield "head of a foreign key and its policy", lambda f: (put("checkpoint", other.note(name, m["size"], bytes.fromhex(m["root"])))(f),
                                                             put("policy.txt", other.policy(name))(f))
    moved = key.note(name, m["size"], sha(b"another root")).split(b"\n")
    yield "signature of another head", put("checkpoint", b"\n".join(lines[:4] + moved[4:]))
    yield "foreign signature under our name", put("checkpoint", b"\n".join(lines[:4]) + b"\n\xe2\x80\x94 " + name + b" " +
                                                  b64(key.ident(name) + other.sign(b"\n".join(lines[:3]) + b"\n")) + b"\n")
    yield "policy of a foreign key", put("policy.txt", other.policy(name))
    yield "policy that asks for witnesses", put("policy.txt", files["policy.txt"].replace(b"quorum none", b"quorum w"))
    head, tail = files[proofs[0]].split(b"\n\n", 1)
    steps = head.split(b"\n")
    yield "proof cut off", put(proofs[0], b"\n".join(steps[:-1]) + b"\n\n" + tail)
    yield "proof with a step more", put(proofs[0], head + b"\n" + steps[-1] + b"\n\n" + tail)
    yield "proof in another order", put(proofs[0], b"\n".join(steps[:2] + steps[:1:-1]) + b"\n\n" + tail)
    yield "proof of another place", put(proofs[0], b"\n".join([steps[0], b"index 1", *steps[2:]]) + b"\n\n" + tail)
    yield "proof under another head", put(proofs[0], head + b"\n\n" + tail.replace(b"proofline/", b"proofline/0", 1))
    yield "proof of another form", put(proofs[0], files[proofs[0]].replace(b"proof@v1", b"proof@v2", 1))


# ---- logs: by somebody with the key ----------------------------------------------------------------------------------------

def leaf(name, **change):
    return lambda f: edit(f, name, lambda v: v.update(change))


def insiders(files):
    """(kind that is found, words, change): the log is signed all right, and what it says cannot be."""
    m, c = json.loads(files["manifest.json"]), json.loads(files["content.json"])
    entry = {int(n[8:-5]): json.loads(d) for n, d in files.items() if n.startswith("entries/")}
    name = lambda seq: f"entries/{seq}.json"
    made = next(r for r in c["records"] if r["rev"] > 1)
    seqs = made["entries"]
    revs = [s for s in seqs if entry[s]["new"] and not entry[s]["act"] == "record.sign"]
    sign = next(s for s in seqs if entry[s]["act"] == "record.sign" and s > seqs[0])
    mark = json.loads(files[f"signatures/{entry[sign + 1]['obj'][10:]}.json"])
    body = f"revisions/{made['id']}@1.json"
    person = next(s for s in c["people"])
    record = lambda change: lambda f: edit(f, "content.json", lambda v: change(next(r for r in v["records"] if r["id"] == made["id"])))
    whole = lambda change: lambda f: edit(f, "content.json", change)
    reason = next(iter(json.loads(files["reasons.json"])))

    def signed_by_writer(f):
        author = entry[revs[0]]["actor"]
        mark_of = dict(mark, signer=author)
        digest = sha(dump(mark_of)).hex()
        del f[f"signatures/{entry[sign + 1]['obj'][10:]}.json"]
        f[f"signatures/{digest}.json"] = dump(mark_of)
        leaf(name(sign), actor=author)(f)
        leaf(name(sign + 1), actor=author, obj="signature:" + digest)(f)

    def rewritten(f):
        """A revision and the entry that made it, but not the one after it."""
        edit(f, body, lambda v: v.__setitem__("title", "Harmless"))
        leaf(name(revs[0]), new=sha(f[body]).hex())(f)

    yield "rule", "its author approved it", signed_by_writer
    yield "revision", "the first revision rewritten with its entry", rewritten
    yield "revision", "the first revision rewritten alone", lambda f: edit(f, body, lambda v: v.__setitem__("title", "Harmless"))
    yield "revision", "a revision that follows on nothing", leaf(name(revs[-1]), prev="")
    yield "revision", "a first revision that follows on something", leaf(name(revs[0]), prev="1" * 64)
    yield "revision", "a revision that states another id", lambda f: (edit(f, body, lambda v: v.__setitem__("id", "T-999")),
                                                                    leaf(name(revs[0]), new=sha(f[body]).hex())(f))
    yield "entry", "a revision left out", leaf(name(revs[-1]), obj=f"{made['id']}@9")
    yield "entry", "a step on a revision to come", leaf(name(sign), obj=f"{made['id']}@9")
    yield "entry", "an entry of another record", leaf(name(sign), obj="X-1@1")
    yield "entry", "an entry without revision", leaf(name(sign), obj=made["id"])
    yield "entry", "another place", leaf(name(sign), seq=1)
    yield "entry", "an epoch to come", leaf(name(sign), epoch=2)
    yield "entry", "no epoch", leaf(name(sign), epoch=0)
    yield "entry", "another type", leaf(name(sign), type="proofline.leaf/2")
    yield "entry", "another version", leaf(name(sign), v=2)
    yield "entry", "a key more", leaf(name(sign), note="x")
    yield "entry", "a number as text", leaf(name(sign), seq=str(sign))
    yield "entry", "a key less", lambda f: edit(f, name(sign), lambda v: v.pop("req") and None)
    yield "entry", "no time", leaf(name(sign), t="2026-01-01")
    yield "entry", "a later time than the next", leaf(name(seqs[0]), t="2999-01-01T00:00:00.000000Z")
    yield "entry", "no hash", leaf(name(seqs[0]), new="abc")
    yield "entry", "white space", lambda f: put(name(sign), f[name(sign)].replace(b":", b": ", 1))(f)
    yield "entry", "more than 4,096 bytes", leaf(name(sign), req="0" * 4096)
    yield "entry", "null", lambda f: put(name(sign), f[name(sign)].replace(b'"prev":""', b'"prev":null', 1))(f)
    yield "entry", "a needless escape", lambda f: put(name(sign), f[name(sign)].replace(b'"act":"r', b'"act":"\\u0072', 1))(f)
    yield "signature", "a signature of another revision", lambda f: leaf(name(sign), new="", to="draft")(f)
    yield "signature", "a signature by another person", leaf(name(sign), actor=entry[person]["actor"])
    yield "signature", "a signature that is not there", lambda f: drop(f"signatures/{entry[sign + 1]['obj'][10:]}.json")(f)
    yield "reason", "a reason that was not given", lambda f: edit(f, "reasons.json", lambda v: v[reason].__setitem__("text", "x"))
    yield "reason", "a reason of no entry", lambda f: edit(f, "reasons.json", lambda v: v.__setitem__("999999", v[reason]))
    yield "reason", "a reason without salt", lambda f: edit(f, "reasons.json", lambda v: v[reason].pop("salt") and None)
    yield "person", "a person without a name", lambda f: edit(f, "people.json", lambda v: v.pop(entry[sign]["actor"]) and None)
    yield "person", "an account of nobody here", leaf(name(person), obj="user:U000999")
    yield "content", "a record less", whole(lambda v: v["records"].pop(0) and None)
    yield "content", "a record twice", whole(lambda v: v["records"].append(v["records"][-1]))
    yield "content", "an entry less", record(lambda r: r["entries"].pop() and None)
    yield "content", "an entry that is not here", record(lambda r: r["entries"].append(m["size"] - 1))
    yield "content", "entries out of order", record(lambda r: r["entries"].reverse())
    yield "content", "another last revision", record(lambda r: r.__setitem__("rev", 1))
    yield "content", "another last hash", record(lambda r: r.__setitem__("hash", "0" * 64))
    yield "revision", "another type of record", record(lambda r: r.__setitem__("type", "asset"))
    yield "content", "another question", whole(lambda v: v.__setitem__("asked", "x"))
    yield "content", "a key more in the content", whole(lambda v: v.__setitem__("x", 1))
    yield "content", "another schema", whole(lambda v: v.__setitem__("schema", "x"))
    yield "content", "no people", whole(lambda v: v.__setitem__("people", []))
    yield "file", "a file that belongs to nothing", put("revisions/X-9@1.json", b"{}")
    yield "file", "a text beside the rest", put("readme.txt", b"x")
    yield "file", "a proof too many", put("proofs/999999", b"x")
    yield "blob", "a blob that no revision names", put("blobs/" + sha(b"x").hex(), b"x")
    yield "blob", "a blob of another digest", put("blobs/" + "0" * 64, b"x")
    yield "file", "names that are no JSON", put("people.json", b'{"U1":"x",}')
    yield "content", "an export by somebody else", leaf(name(m["export"]), act="record.save")
    yield "manifest", "an export at another time", leaf(name(m["export"]), actor=entry[person]["actor"])


# ---- epochs, timestamps and attached files ---------------------------------------------------------------------------------

def set_in(key, value):
    return lambda s: s.__setitem__(key, value)


def lies(files, key, other):
    """(words, lie): statements of an epoch that the present key's holder would like others to believe."""
    m = json.loads(files["manifest.json"])
    base, epoch = m["origin"].rsplit("/", 1)
    before = f"{base}/{int(epoch) - 1}".encode()
    yield "one person twice", lambda s: s.__setitem__("by", s["by"][:1] * 2)
    yield "one person", lambda s: s.__setitem__("by", s["by"][:1])
    yield "three people", lambda s: s["by"].append("U000077")
    yield "nobody", set_in("by", [])
    yield "a number for a person", lambda s: s.__setitem__("by", [s["by"][0], 1])
    yield "another old key", set_in("old_key", other.line(before).decode())
    yield "another old key and its head", lambda s: s.update(old_key=other.line(before).decode(), signed_note=other.note(before, s["signed"], bytes(32)).decode())
    yield "another old name", set_in("from", f"{base}/7")
    yield "another new name", set_in("to", f"{base}/9")
    yield "another new key", set_in("key", other.line(m["origin"].encode()).decode())
    yield "no new key", set_in("key", "")
    yield "less was kept", lambda s: s.__setitem__("kept", s["kept"] - 1)
    yield "another root was kept", set_in("kept_root", "0" * 64)
    yield "more had been signed", lambda s: s.__setitem__("signed", s["signed"] + 1)
    yield "a head of a foreign key had been signed", lambda s: s.__setitem__("signed_note", other.note(before, s["signed"], bytes(32)).decode())
    yield "the head that had been signed, of another size", lambda s: s.__setitem__("signed_note", s["signed_note"].replace("\n", "\n1", 1))
    yield "another schema", set_in("schema", "proofline.epoch/2")
    yield "a member more", set_in("more", 1)
    yield "a member less", lambda s: s.pop("signed_note") and None


def attached(files):
    """Name of the blob that a revision lists among its files."""
    for n, d in files.items():
        for f in json.loads(d).get("files", []) if n.startswith("revisions/") else []:
            return "blobs/" + f["sha256"], n
    raise SystemExit("no revision lists a file")


def deeper(files):
    """(kind, words, change) for a package with epochs, timestamps and attached files, under a key of ours."""
    blob, body = attached(files)
    c = json.loads(files["content.json"])
    stamp = next(n for n in files if re.fullmatch("timestamps/[0-9]+", n))
    start = next(s for s in c["chain"] if json.loads(files[f"entries/{s}.json"])["act"] == "epoch.start")
    statement = "chain/" + json.loads(files[f"entries/{start}.json"])["new"]
    proof = f"proofs/{stamp[11:]}.head"
    yield "blob", "an attached file in one byte", lambda f: put(blob, bytes([f[blob][0] ^ 1]) + f[blob][1:])(f)
    yield "blob", "an attached file with a byte more", lambda f: put(blob, f[blob] + b"x")(f)
    yield "blob", "an attached file cut", lambda f: put(blob, f[blob][:-1])(f)
    yield "blob", "an attached file empty", put(blob, b"")
    yield "blob", "an attached file missing", drop(blob)
    yield "blob", "an attached file under another name", move(blob, "blobs/" + "a" * 64)
    yield "blob", "an attached file exchanged for another", lambda f: (drop(blob)(f), put("blobs/" + sha(b"x").hex(), b"x")(f))
    yield "blob", "a file beside the attached one", put("blobs/" + sha(b"y").hex(), b"y")
    yield "revision", "a revision that lists another file", lambda f: edit(f, body, lambda v: v["files"][0].__setitem__("sha256", "b" * 64))
    yield "revision", "a revision that lists another size", lambda f: edit(f, body, lambda v: v["files"][0].__setitem__("bytes", 1))
    yield "revision", "a revision that lists no file", lambda f: edit(f, body, lambda v: v.pop("files") and None)
    yield "epoch", "no statement", drop(statement)
    yield "epoch", "another statement", lambda f: put(statement, f[statement].replace(b"kept", b"kepd", 1))(f)
    yield "content", "an epoch that the content does not name", lambda f: edit(f, "content.json", lambda v: v["chain"].remove(start))
    yield "epoch", "an epoch among the people", lambda f: edit(f, "content.json", lambda v: (v["chain"].remove(start), v["people"].append(start), v["people"].sort()) and None)
    yield "file", "a statement too many", put("chain/" + "c" * 64, b"{}")
    yield "epoch", "an entry of the epoch before in the new one", leaf(f"entries/{start}.json", epoch=1)
    yield "epoch", "an epoch that starts with something else", leaf(f"entries/{start}.json", act="record.save")
    yield "timestamp", "a stamped head with another root", lambda f: put(stamp, b"\n".join([*f[stamp].split(b"\n")[:2], b64(bytes(32)), *f[stamp].split(b"\n")[3:]]))(f)
    yield "timestamp", "a stamped head of another size", lambda f: put(stamp, f[stamp].replace(b"\n", b"\n1", 1))(f)
    yield "timestamp", "a stamped head with other words", lambda f: put(stamp, b"x" + f[stamp])(f)
    yield "timestamp", "a stamp in one byte of its signature", lambda f: put(stamp + ".tsr", f[stamp + ".tsr"][:-1] + bytes([f[stamp + ".tsr"][-1] ^ 1]))(f)
    yield "timestamp", "a stamp of the imprint in one byte", lambda f: put(stamp + ".tsr", f[stamp + ".tsr"].replace(sha(f[stamp]), bytes(32)))(f)
    yield "timestamp", "a stamp cut", lambda f: put(stamp + ".tsr", f[stamp + ".tsr"][:-1])(f)
    yield "timestamp", "a stamp with a byte more", lambda f: put(stamp + ".tsr", f[stamp + ".tsr"] + b"x")(f)
    yield "timestamp", "an empty stamp", put(stamp + ".tsr", b"")
    yield "timestamp", "no stamp", drop(stamp + ".tsr")
    yield "timestamp", "no proof of the stamped head", drop(proof)
    yield "timestamp", "a proof of the stamped head for another leaf", lambda f: put(proof, re.sub(rb"extra [^\n]+", b"extra " + b64(bytes(32)), f[proof]))(f)
    yield "timestamp", "a proof of the stamped head without a leaf", lambda f: put(proof, re.sub(rb"extra [^\n]+\n", b"", f[proof]))(f)
    yield "file", "a stamp of no head", put("timestamps/1.tsr", b"x")
