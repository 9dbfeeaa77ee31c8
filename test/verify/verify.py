#!/usr/bin/env python3
"""Checks a package of exported records: doc/package.md written a second time, with the standard library and openssl alone.

usage: verify.py PACKAGE.zip [POLICY]      exit 0: nothing found; 8: findings, one on each line; 2: no answer"""
import base64
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

NAME = re.compile(r"[A-Za-z0-9._@-]+(/[A-Za-z0-9._@-]+)*\Z")
HEX = re.compile(r"[0-9a-f]{64}\Z")
NUMBER = re.compile(r"(0|[1-9][0-9]{0,15})\Z", re.A)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z", re.A)
LEAF = ["act", "actor", "auth", "epoch", "new", "obj", "prev", "reason", "req", "seq", "src", "t", "to", "type", "v"]
MANIFEST = ["asked", "by", "content", "export", "files", "origin", "root", "schema", "size", "when"]
CONTENT = ["asked", "chain", "files", "people", "records", "schema", "signatures"]
RECORD = ["entries", "hash", "id", "rev", "type"]
EPOCH = ["by", "from", "kept", "kept_root", "key", "old_key", "schema", "signed", "signed_note", "to"]
FIXED = ["checkpoint", "content.json", "index.html", "people.json", "policy.txt", "reasons.json"]
JUDGED = {"accepted", "affected", "approved", "closed", "conditional", "fixed", "not_affected", "not_reportable", "released",
          "reviewed", "signed"}
DASH = "\u2014 ".encode()


class Wrong(Exception):
    """What a part of the package is not."""


def must(condition, words):
    if not condition:
        raise Wrong(words)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def whole(text):
    """A number without sign and leading zeroes below 2^53, or None."""
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    return int(text) if NUMBER.match(text) and int(text) < 2**53 else None


# ---- the archive ------------------------------------------------------------------------------------------------------

def header(crc, size, name):
    return struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, crc, size, size, name, 0)


def unzip(data):
    """Names and contents of an archive that is, to the byte, what those names and contents make."""
    must(22 <= len(data) < 2**32, "it is no package")
    total, offset = struct.unpack_from("<H", data, len(data) - 12)[0], struct.unpack_from("<I", data, len(data) - 6)[0]
    files, at, central = {}, 0, offset
    for _ in range(total):
        must(central + 46 <= len(data) - 22, "the list of files is cut off")
        size, length = struct.unpack_from("<I", data, central + 24)[0], struct.unpack_from("<H", data, central + 28)[0]
        name = data[central + 46:central + 46 + length].decode("latin-1")
        must(NAME.match(name) and length <= 128 and not {".", ".."} & set(name.split("/")), "a name is not allowed")
        must(not files or next(reversed(files)) < name, "the names are not in order")
        start = at + 30 + length
        must(start + size <= offset, "a file is cut off")
        files[name] = data[start:start + size]
        at, central = start + size, central + 46 + length
    parts, lists, place = [], [], 0
    for name, content in files.items():
        common = header(zlib.crc32(content), len(content), len(name))
        parts.append(b"PK\3\4" + common + name.encode() + content)
        lists.append(b"PK\1\2\x14\0" + common + bytes(10) + struct.pack("<I", place) + name.encode())
        place += len(parts[-1])
    body, listing = b"".join(parts), b"".join(lists)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, total, total, len(listing), len(body), 0)
    must(body + listing + end == data, "a header or a checksum is not what it must be")
    return files


# ---- JSON -------------------------------------------------------------------------------------------------------------

def no_float(_):
    raise Wrong("a fraction")


def members(pairs):
    must(len({k for k, _ in pairs}) == len(pairs), "a key stands twice")
    return dict(pairs)


def plain(value, depth=0):
    if isinstance(value, dict):
        must(depth < 16 and all(re.fullmatch(r'[ !#-\[\]-~]*', k) for k in value), "keys")
        return all(plain(v, depth + 1) for v in value.values())
    if isinstance(value, list):
        must(depth < 16, "depth")
        return all(plain(v, depth + 1) for v in value)
    return isinstance(value, str) or (isinstance(value, int) and abs(value) < 2**53)


def canonical(data):
    """The object that these bytes are the one canonical spelling of, or None."""
    try:
        value = json.loads(data.decode("utf-8"), parse_float=no_float, parse_constant=no_float, object_pairs_hook=members)
        must(isinstance(value, dict) and plain(value), "null or a large number")
        again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
        return value if again == data else None
    except (ValueError, Wrong, RecursionError):
        return None


def number_in(value, key):
    v = value.get(key)
    return v if isinstance(v, int) and not isinstance(v, bool) else -1


def text_in(value, key):
    v = value.get(key)
    return v if isinstance(v, str) else ""


# ---- policy, note, tree -----------------------------------------------------------------------------------------------

def unbase64(text, size):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if len(raw) == size and base64.b64encode(raw) == text else None


def key_of(text):
    """Name and public key of NAME+hex(id)+base64(1, public key)."""
    must(text.count(b"+") >= 2, "no key")
    name, ident, rest = text.split(b"+", 2)
    raw = unbase64(rest, 33)
    must(name and raw and raw[0] == 1 and sha(name, b"\n", raw)[:4].hex().encode() == ident, "no Ed25519 key")
    return name, raw[1:]


def policy_keys(text):
    """Name and public key of each log that a policy lists."""
    must(not text or text.endswith(b"\n"), "its last line does not end")
    keys, quorums = [], 0
    for line in text.split(b"\n"):
        words = re.findall(rb"[^ \t]+", line)
        if not words or words[0].startswith(b"#"):
            continue
        if words[0] == b"log":
            must(len(words) > 1 and len(keys) < 32, "no key, or too many")
            keys.append(key_of(words[1]))
        else:
            must(words[:2] == [b"quorum", b"none"] and len(words) == 2, "it asks for more than a log's key")
            quorums += 1
    must(keys, "it names no log")
    must(quorums == 1, "it needs one line quorum none")
    return keys


def ed25519(key, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, n) for n in ("key", "message", "signature")]
        for path, data in zip(paths, (bytes.fromhex("302a300506032b6570032100") + key, message, signature)):
            with open(path, "wb") as f:
                f.write(data)
        out = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", paths[0], "-rawin", "-in",
                              paths[1], "-sigfile", paths[2]], capture_output=True)
    return out.returncode == 0


def head_of(note, keys):
    """Origin, epoch, size and root of a note that a key of the policy signed."""
    lines = note.split(b"\n")
    must(len(lines) > 4 and lines[3] == b"" and lines[-1] == b"", "it is no signed head of a log")
    origin, size, root = lines[0], whole(lines[1]), unbase64(lines[2], 32)
    parts = origin.split(b"/", 2)
    must(size is not None and root is not None, "it is no signed head of a log")
    must(len(parts) == 3 and parts[0] == b"proofline" and parts[1] and whole(parts[2]) is not None, "no name of a log")
    key = next((k for n, k in keys if n == origin), None)
    must(key is not None, "it is of a log that the policy does not name")
    marks = lines[4:-1]
    must(marks, "it is not signed")
    for mark in marks:
        must(mark.startswith(DASH) and re.fullmatch(rb"[^ ]+ .+", mark[len(DASH):], re.S), "a line is no signature")
    name, text = marks[0][len(DASH):].split(b" ", 1)
    raw = unbase64(text, 68)
    must(name == origin and raw and raw[:4] == sha(origin, b"\n\1", key)[:4], "it is not signed with the policy's key")
    must(ed25519(key, b"\n".join(lines[:3]) + b"\n", raw[4:]), "it is not signed with the policy's key")
    return origin, whole(parts[2]), size, root


def fold(index, size, leaf, path):
    """The root that a leaf and its path make, RFC 9162 2.1.3.2 (None when the path has another length), and the root over the
    leaves before it, which stand left of the path."""
    at, last, root, before = index, size - 1, leaf, None
    for p in path:
        if last == 0:
            return None, None
        if at & 1 or at == last:
            root, before = sha(b"\1", p, root), sha(b"\1", p, before) if before else p
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            root = sha(b"\1", root, p)
        at, last = at >> 1, last >> 1
    return root if last == 0 else None, before or bytes(32)


def proof_of(proof, seq, leaf, size, root, note):
    """The root over the entries before this one when the text proves that the leaf (its hash; None: the hash in the line
    "extra") is at this place, else None."""
    if not proof.endswith(b"\n\n" + note):
        return None
    lines = proof[:-len(note) - 1].split(b"\n")
    if leaf is None and len(lines) > 1 and lines[1].startswith(b"extra "):
        leaf = unbase64(lines.pop(1)[6:], 32)
    if leaf is None or lines[0] != b"c2sp.org/tlog-proof@v1" or len(lines) < 3 or lines[-1] != b"" or lines[1] != b"index %d" % seq:
        return None
    path = [unbase64(line, 32) for line in lines[2:-1]]
    if seq >= size or None in path:
        return None
    top, before = fold(seq, size, leaf, path)
    return before if top == root else None


# ---- timestamps -------------------------------------------------------------------------------------------------------

def der(data, at=0):
    """Tag, content and end of the DER value at this place."""
    tag, n, at = data[at], data[at + 1], at + 2
    if n & 128:
        size = n & 127
        n, at = int.from_bytes(data[at:at + size], "big"), at + size
    must(at + n <= len(data), "cut off")
    return tag, data[at:at + n], at + n


def stamped(reply):
    """The hash that a reply of an authority (RFC 3161) stamps, if it is signed by the certificate in it, else None."""
    with tempfile.TemporaryDirectory() as folder:
        def openssl(*args):
            return subprocess.run(["openssl", *args], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

        with open(os.path.join(folder, "reply"), "wb") as f:
            f.write(reply)
        openssl("ts", "-reply", "-in", "reply", "-token_out", "-out", "token")
        info = openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", "token")
    try:
        must(der(reply)[2] == len(reply), "more behind it")
        body = der(info)[1]                                # TSTInfo: version, policy, imprint (algorithm, hash), ...
        imprint = der(body, der(body, der(body)[2])[2])[1]
        return der(imprint, der(imprint)[2])[1]
    except (IndexError, Wrong):
        return None


# ---- the package ------------------------------------------------------------------------------------------------------

class Package:
    def __init__(self, data, policy):
        self.data, self.policy, self.found, self.used = data, policy, [], set()

    def find(self, kind, thing, what):
        shown = thing if len(thing) <= 128 and NAME.match(thing) and not {".", ".."} & set(thing.split("/")) else "-"
        self.found.append((kind, shown, what))

    def run(self):
        for stage in (self.archive, self.lists, self.head, self.log, self.export, self.chain, self.stamps, self.records, self.signatures, self.people,
                      self.reasons, self.rest):
            stage()
            if self.found:
                break
        return self.found

    def archive(self):
        try:
            self.files = unzip(self.data)
        except Wrong as e:
            self.find("zip", "-", str(e))

    def object(self, name):
        self.used.add(name)
        value = canonical(self.files[name]) if name in self.files else None
        if name not in self.files:
            self.find("file", name, "is missing")
        elif value is None:
            self.find("file", name, "is not canonical JSON")
        return value

    def compare(self, kind, listed, there):
        for name in sorted(set(listed) | there):
            if name not in listed:
                self.find(kind, name, "is not listed")
            elif name not in there:
                self.find(kind, name, "is listed but not there")
            elif listed[name] != sha(self.files[name]).hex():
                self.find(kind, name, "is not what the list says")

    def lists(self):
        m = self.manifest = self.object("manifest.json")
        if m is None:
            return
        if list(m) != MANIFEST or not isinstance(m["files"], dict) or m["schema"] != "proofline.package/1":
            self.find("manifest", "manifest.json", "does not have the members of a manifest")
            return
        for name in FIXED:
            self.used.add(name)
            if name not in self.files:
                self.find("file", name, "is missing")
        self.compare("file", m["files"], set(self.files) - {"manifest.json"})

    def head(self):
        try:
            inside = policy_keys(self.files["policy.txt"])
        except Wrong as e:
            self.find("policy", "policy.txt", str(e))
        try:
            pinned = policy_keys(self.policy) if self.policy is not None else None
        except Wrong as e:
            self.find("policy", "-", str(e))
        if self.found:
            return
        pinned = inside if pinned is None else pinned
        try:
            self.origin, self.epoch, self.size, self.root = head_of(self.files["checkpoint"], pinned)
        except Wrong as e:
            self.find("checkpoint", "checkpoint", str(e))
            return
        self.pinned = pinned
        first = lambda keys: next((k for n, k in keys if n == self.origin), None)
        if first(pinned) != first(inside):
            self.find("policy", "policy.txt", "has another key than your policy")
        m = self.manifest
        if m["origin"] != self.origin.decode("latin-1") or number_in(m, "size") != self.size or m["root"] != self.root.hex():
            self.find("manifest", "manifest.json", "names another log, size or root than the checkpoint")

    def leaf(self, seq, data):
        v = canonical(data) if len(data) <= 4096 else None
        numbers = ("epoch", "seq", "v")
        good = v is not None and list(v) == LEAF
        good = good and all((type(v[k]) is int) if k in numbers else isinstance(v[k], str) for k in LEAF)
        good = good and (v["seq"], v["v"], v["type"]) == (seq, 1, "proofline.leaf/1") and 1 <= v["epoch"] <= self.epoch
        return v if good and TIME.match(v["t"]) and all(not v[k] or HEX.match(v[k]) for k in ("new", "prev", "reason")) else None

    def proved(self, name, seq, leaf):
        return proof_of(self.files[name], seq, leaf, self.size, self.root, self.files["checkpoint"])

    def log(self):
        self.entry, self.before = {}, {}
        for name in self.files:
            m = re.fullmatch(r"entries/([0-9]+)\.json", name)
            seq = whole(m[1]) if m else None
            if seq is None:
                continue
            proof = f"proofs/{seq}"
            self.used |= {name, proof}
            self.entry[seq] = self.leaf(seq, self.files[name])
            if self.entry[seq] is None:
                self.find("entry", name, "is no entry of this log at this place")
            elif proof not in self.files:
                self.find("proof", name, "has no proof")
            else:
                self.before[seq] = self.proved(proof, seq, sha(b"\0", self.files[name]))
                if self.before[seq] is None:
                    self.find("proof", proof, "does not prove that the log has this entry")
        self.order = sorted(self.entry)
        if not self.found:
            for a, b in zip(self.order, self.order[1:]):
                if self.entry[a]["t"] > self.entry[b]["t"] or self.entry[a]["epoch"] > self.entry[b]["epoch"]:
                    self.find("entry", self.entry[b]["obj"], "is older than the one before it")

    def claim(self, seqs):
        """Numbers of entries that are here, in order, and that nobody claimed: up to the first that is none."""
        last = -1
        for seq in seqs if isinstance(seqs, list) else [None]:
            if type(seq) is not int or seq <= last or seq not in self.left:
                return False
            self.left.discard(seq)
            last = seq
        return True

    def export(self):
        m = self.manifest
        seq = number_in(m, "export")
        e = self.entry.get(seq)
        if sha(self.files["content.json"]).hex() != m["content"]:
            self.find("content", "content.json", "is not what the manifest says")
        elif e is None or e["act"] != "package.export" or e["obj"] != "package:" + m["content"]:
            self.find("content", "content.json", "is not what the log says was exported")
        elif e["actor"] != m["by"] or e["t"] != m["when"]:
            self.find("manifest", "manifest.json", "names another person or time than the log")
        c = None if self.found else self.object("content.json")
        if c is None:
            return
        if (list(c) != CONTENT or not isinstance(c["files"], dict) or not isinstance(c["records"], list) or
                c["schema"] != "proofline.package-content/2" or c["asked"] != m["asked"] or not isinstance(c["asked"], str)):
            self.find("content", "content.json", "does not have the members of a content")
            return
        self.content = c
        later = {"manifest.json", "content.json", "checkpoint", "policy.txt", f"entries/{seq}.json"}
        self.compare("content", c["files"], {n for n in self.files if n not in later and not n.startswith("proofs/")})
        self.left = set(self.entry) - {seq}
        if not self.claim(c["chain"]) or not self.claim(c["people"]) or not self.claim(c["signatures"]):
            self.find("content", "content.json", "names entries that are not here, or twice")
        last = ""
        for r in c["records"]:
            good = isinstance(r, dict) and list(r) == RECORD and isinstance(r["id"], str)
            ident = r["id"] if good else ""
            if not ident or ident.encode() <= last.encode() or not self.claim(r["entries"]):
                self.find("content", ident, "is not described by records and entries that are here, each once and in order")
            last = ident
        for seq in sorted(self.left):
            self.find("content", self.entry[seq]["obj"], "is not named by the content")

    def follows(self, e, body, before):
        """The key that an epoch leads to, None when its statement does not follow on what was before it."""
        s = canonical(body)
        if s is None or list(s) != EPOCH or s["schema"] != "proofline.epoch/1" or number_in(s, "kept") != e["seq"]:
            return None
        by = s["by"]
        if not isinstance(by, list) or len(by) != 2 or not all(isinstance(x, str) for x in by) or by[0] == by[1]:
            return None
        try:
            now, old_text, note = key_of(text_in(s, "key").encode()), text_in(s, "old_key"), text_in(s, "signed_note")
            must(now[0] == text_in(s, "to").encode() and s["kept_root"] == self.before[e["seq"]].hex(), "name or root")
            if not old_text:                                # the key was lost
                must(before is None and not note, "another key was there")
                return now
            old = key_of(old_text.encode())
            yours = next(((n, k) for n, k in self.pinned if n == old[0]), None)
            must(old[0] == text_in(s, "from").encode() and yours in (None, old) and before in (None, old), "another key")
            if note:
                must(head_of(note.encode(), [old])[2] == number_in(s, "signed"), "another size")
            return now
        except Wrong:
            return None

    def chain(self):
        links, epoch, now = set(self.content["chain"]), 1, None
        for seq in self.order:
            if self.found:
                return
            e = self.entry[seq]
            start = seq in links and e["act"] == "epoch.start"
            epoch += start
            if e["epoch"] != epoch:
                self.find("epoch", e["obj"], "belongs to another epoch")
            if seq not in links:
                continue
            name, before, now = f"chain/{e['new']}", now, None
            self.used.add(name)
            body = self.files.get(name)
            if body is None or sha(body).hex() != e["new"] or not (start or e["act"] == "import.all"):
                self.find("epoch", e["obj"], "is not what the log says")
            elif start:
                now = self.follows(e, body, before)
                if now is None:
                    self.find("epoch", e["obj"], "does not follow on what was before it")
        if not self.found and (epoch != self.epoch or now not in (None, next((n, k) for n, k in self.pinned if n == self.origin))):
            self.find("epoch", self.origin.decode("latin-1"), "is not where the epochs lead to")

    def stamps(self):
        for name in self.files:
            n = whole(name[11:]) if name.startswith("timestamps/") else None
            if n is None:
                continue
            proof, reply = f"proofs/{n}.head", self.files.get(name + ".tsr")
            self.used |= {name, name + ".tsr", proof}
            lines = self.files[name].split(b"\n")
            root = unbase64(lines[2], 32) if len(lines) > 3 and whole(lines[1]) == n else None
            if root is None or proof not in self.files or self.proved(proof, n, None) != root:
                self.find("timestamp", name, "is no earlier head of this log")
            elif reply is None or stamped(reply) != sha(self.files[name]):
                self.find("timestamp", name, "is not what the authority stamped")

    def listed(self, name, body):
        """The files that a revision lists are here; that their bytes have the hash in their name is checked with the blobs."""
        files = body.get("files")
        for f in files if isinstance(files, list) else files.values() if isinstance(files, dict) else []:
            blob = self.files.get("blobs/" + text_in(f, "sha256")) if isinstance(f, dict) else None
            if blob is None or len(blob) != number_in(f, "bytes"):
                self.find("blob", name, "lists a file that is not here")

    def revision(self, r, e, rev, before):
        name = f"revisions/{e['obj']}.json"
        self.used.add(name)
        if name not in self.files:
            return self.find("revision", r["id"], "lacks a revision")
        body = canonical(self.files[name])
        if sha(self.files[name]).hex() != e["new"]:
            self.find("revision", name, "is not what the log says")
        elif e["prev"] != before:
            self.find("revision", name, "does not follow on the revision before it")
        elif body is None or text_in(body, "id") != r["id"] or number_in(body, "rev") != rev or text_in(body, "type") != text_in(r, "type"):
            self.find("revision", name, "states another id, revision or type")
        else:
            self.listed(name, body)

    def records(self):
        for r in self.content["records"]:
            last, before, writers = 0, "", set()
            for seq in r["entries"]:
                e = self.entry[seq]
                ident, _, tail = e["obj"].rpartition("@")
                rev = whole(tail)
                if ident != r["id"] or rev is None:
                    self.find("entry", e["obj"], "is about another record than the content says")
                elif e["new"] and rev == last + 1:
                    self.revision(r, e, rev, before)
                    last, before = rev, e["new"]
                    if e["act"] != "record.confirm":
                        writers.add(e["actor"])
                elif not 1 <= rev <= last or (e["new"] and e["new"] != before):
                    self.find("entry", e["obj"], "is about a revision that does not exist then")
                follower = self.entry.get(seq + 1)
                if e["act"] == "record.sign" and (follower is None or follower["act"] != "record.signature"):
                    self.find("signature", e["obj"], "lacks what was signed")
                if e["to"] in JUDGED:
                    if e["actor"] in writers:
                        self.find("rule", r["id"], "was judged by a person who wrote it")
                    writers = set()
            if not last or number_in(r, "rev") != last or text_in(r, "hash") != before:
                self.find("content", r["id"], "is at another revision than the content says")

    def signatures(self):
        for seq in self.content["signatures"]:
            e, step = self.entry[seq], self.entry.get(seq - 1)
            ident = e["obj"][10:] if e["obj"].startswith("signature:") else ""
            name = f"signatures/{ident}.json"
            self.used.add(name)
            data = self.files.get(name)
            v = canonical(data) if data is not None and sha(data).hex() == ident else None
            if v is None:
                self.find("signature", e["obj"], "is not what the log says was signed")
                continue
            about = f"{text_in(v, 'record')}@{number_in(v, 'rev')}"
            if (step is None or step["act"] != "record.sign" or step["obj"] != about or step["new"] != text_in(v, "hash") or
                    step["to"] != text_in(v, "to") or step["actor"] != text_in(v, "signer") or e["actor"] != step["actor"]):
                self.find("signature", name, "covers something else than the step that it belongs to")

    def people(self):
        names = self.object("people.json")
        if names is None:
            return
        known = {k for k, v in names.items() if isinstance(v, str) and v}
        for seq in self.order:
            if self.entry[seq]["actor"] not in known:
                self.find("person", self.entry[seq]["actor"], "has no name")
        for seq in self.content["people"]:
            obj = self.entry[seq]["obj"]
            if not obj.startswith("user:") or obj[5:] not in known:
                self.find("person", obj, "is nobody who acts here")

    def reasons(self):
        given = self.object("reasons.json")
        for key, v in (given or {}).items():
            e = self.entry.get(whole(key))
            good = e and e["reason"] and isinstance(v, dict) and list(v) == ["salt", "text"]
            good = good and isinstance(v["salt"], str) and isinstance(v["text"], str) and v["text"] and len(v["salt"].encode()) == 32
            good = good and json.dumps(v["salt"], ensure_ascii=False) == '"' + v["salt"] + '"'
            if not good or sha(v["salt"].encode(), v["text"].encode()).hex() != e["reason"]:
                self.find("reason", key, "is not what the entry was given")

    def rest(self):
        bodies = None
        for name, data in self.files.items():
            if name.startswith("blobs/"):
                self.used.add(name)
                if bodies is None:
                    bodies = [b for n, b in self.files.items() if n.startswith("revisions/")]
                if not HEX.match(name[6:]) or sha(data).hex() != name[6:]:
                    self.find("blob", name, "is not what its name says")
                elif not any(f'"{name[6:]}"'.encode() in b for b in bodies):
                    self.find("blob", name, "is named by no revision")
            if name not in self.used:
                self.find("file", name, "belongs to nothing")


def check(package, policy=None):
    """Findings (kind, object, what) about the bytes of a package; policy: the reader's own, as bytes."""
    return Package(package, policy).run()


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.stderr.write(__doc__ + "\n")
        return 2
    try:
        data = [open(path, "rb").read() for path in sys.argv[1:]]
    except OSError as e:
        sys.stderr.write(f"verify.py: {e}\n")
        return 2
    if len(data) == 1:
        sys.stderr.write("No policy was given: the key is the package's own, which says nothing about whose log it is.\n")
    found = check(*data)
    for line in found:
        print(*line)
    return 8 if found else 0


if __name__ == "__main__":
    sys.exit(main())
