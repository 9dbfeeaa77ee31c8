#!/usr/bin/env python3
"""What takes too long for every day: test/nightly.py BUILD [ITEM...]

kills     10,000 times kill -9 while sixteen clients edit the same records: what was answered is there, verify finds nothing
faults    killed, failing or full at every single write of a fixed row of commands
flips     2000 bits of a data folder turned over, one at a time: verify finds it, or what the store says is the same
every_flip  every bit of a small store, in two layouts: found, or it changes nothing
signs     a million requests to the signer, most of them hostile: never two roots for one size, never a smaller log
packages  10,000 packages that are right and 10,000 that are wrong in one way each: two verifiers say so, and the same
soak      ten minutes of pages and saves: memory of every process stays where it was
backups   200 backups under load, each restored; 50 damaged ones refused; 100 moments restored with their exact root
fuzz      every parser for 300 seconds
natives   30,000 random pairs of versions and 30,000 ranges against each package manager that is installed
differ    a million random cases: the snapshot against evaluators written literally from the specifications
schemas   CycloneDX's samples changed in 30,000 places, XML and JSON: found at fault is what the published schema refuses
snapshots 10,000 bits of a snapshot of advisories turned over, small and large: refused
large     an inventory of 200,000 components with half a million verdicts, written in every format of scan
bench     the table of benchmarks
fresh     Debian 12 and 13 from nothing, as root and as an ordinary user, all tests both times
Without ITEM all of them.  Prints a line each and "N passed, N failed"."""
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "build"))
PROGRAM = os.path.join(BUILD, "src/app/proofline")
KILLS = int(os.environ.get("NIGHTLY_KILLS", "10000"))
PACKAGES = int(os.environ.get("NIGHTLY_PACKAGES", "10000"))
FLIPS = int(os.environ.get("NIGHTLY_FLIPS", "2000"))
SOAK_S = int(os.environ.get("NIGHTLY_SOAK_S", "600"))
ROUNDS = int(os.environ.get("NIGHTLY_ROUNDS", "10"))
FUZZ_S = os.environ.get("NIGHTLY_FUZZ_S", "300")


class Failed(Exception):
    pass


def need(truth, words):
    if not truth:
        raise Failed(words)


def proofline(folder, *args):
    return subprocess.run([PROGRAM, "-C", folder, *args], capture_output=True, text=True, timeout=600)


class Company:
    """The sample company, served from a folder of its own."""

    def __enter__(self):
        self.base = tempfile.mkdtemp(prefix="proofline-nightly-")
        self.folder = os.path.join(self.base, "data")
        self.start("demo", "--keep", self.folder)
        return self

    def start(self, *args):
        """Tries again while a command line happens to be the writer."""
        for _ in range(20):
            try:
                return self.start_once(*args)
            except Failed:
                self.server.wait(10)
        return self.start_once(*args)

    def start_once(self, *args):
        self.server = subprocess.Popen([PROGRAM, *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.server.stdout.readline().strip()
        need(line.startswith("http://127.0.0.1:"), f"no address but {line!r}")
        self.url = line.rstrip("/")

    def writer(self, other_than=0):
        """Process id of the server's writer: what the lock says, if it is a child of the server."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                pid = int(open(os.path.join(self.folder, "proofline.lock"), encoding="ascii").read().split()[0])
                parent = int(open(f"/proc/{pid}/stat", encoding="ascii").read().rsplit(")", 1)[1].split()[1])
                if parent == self.server.pid and pid != other_than:
                    return pid
            except (OSError, ValueError, IndexError):
                pass
            time.sleep(0.005)
        raise Failed("the server has no writer for 20 s")

    def stop(self):
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            need(self.server.wait(30) == 0, "the server did not end cleanly")

    def __exit__(self, *_):
        if self.server.poll() is None:
            self.server.kill()
        shutil.rmtree(self.base, ignore_errors=True)


def verified(folder):
    out = proofline(folder, "verify")
    need(out.returncode == 0, f"verify ended with {out.returncode}:\n{out.stdout[-2000:]}{out.stderr[-500:]}")
    return out.stdout.strip().split("\n")[-1]


# ---- kills and failing disks ------------------------------------------------------------------------------------------

def kills():
    return other(sys.executable, "test/fault/hammer.py", BUILD, str(KILLS))


def faults():
    return other(sys.executable, "test/fault/crash.py", BUILD, "--all")


# ---- a client ---------------------------------------------------------------------------------------------------------

def save_on(company, client, stop, answered):
    """Creates records one after the other and notes each id that was answered."""
    n = 0
    while not stop.is_set():
        n += 1
        id = f"KILL-{client}-{n:06d}"
        out = proofline(company.folder, "new", "threat", "--id", id, f"title=Save {n} of client {client}", "category=misuse")
        if out.returncode == 0:
            answered[client].append(id)
        elif out.returncode not in (6, 7):       # busy while a writer is made; or taken: it was durable before the answer
            answered[client].append(f"unexpected exit {out.returncode} of {id}: {out.stderr.strip()}")
            return


# ---- flips ------------------------------------------------------------------------------------------------------------

def said_by(folder):
    """Everything that a reader can be told about records and log."""
    asked = (["-o", "json", "list", "all"], ["-o", "json", "log", "--limit", "1000000"], ["sboms"], ["user", "list"])
    return [(o.returncode, o.stdout) for o in (proofline(folder, *args) for args in asked)]


def whole(test, says, **env):
    """A unit test that takes a sample every day, with all of it; what it says of that."""
    out = subprocess.run([os.path.join(BUILD, test)], capture_output=True, text=True, timeout=4 * 3600, env={**os.environ, **env})
    need(out.returncode == 0, out.stdout[-2000:] + out.stderr[-1000:])
    return "; ".join(re.findall(says, out.stdout + out.stderr))


def every_flip():
    """T-FLIP whole: each bit of what is in use, in two layouts of one small store."""
    return whole("src/ledger/flip_test", r"\d+ flips in .*", PROOFLINE_FLIPS="all")


def signs():
    """T-SIGN whole."""
    return whole("src/ledger/signer_test", r"\d+ granted, .*", PROOFLINE_SIGNS="1000000")


def flips():
    with Company() as company:
        company.stop()
        db = os.path.join(company.folder, "proofline.db")
        verified(company.folder)
        before, image = said_by(company.folder), open(db, "rb").read()
        found = harmless = 0
        for bit in sorted(random.sample(range(len(image) * 8), FLIPS)):
            with open(db, "r+b") as f:
                f.seek(bit // 8)
                f.write(bytes([image[bit // 8] ^ (1 << bit % 8)]))
            code = proofline(company.folder, "verify").returncode
            if code != 0:
                found += 1
                need(code in (5, 7, 8, 70, 78), f"bit {bit}: verify ended with {code}")
            else:
                harmless += 1
                need(said_by(company.folder) == before, f"bit {bit}: verify finds nothing, but the store says something else")
            with open(db, "r+b") as f:
                f.seek(bit // 8)
                f.write(image[bit // 8:bit // 8 + 1])
        verified(company.folder)
        return f"{found + harmless} flips in {len(image)} bytes: {found} found, {harmless} change nothing, 0 missed"


# ---- soak -------------------------------------------------------------------------------------------------------------

def memory(pid):
    """KiB of private memory of a process and all its children."""
    def of(p):
        text = open(f"/proc/{p}/smaps_rollup", encoding="ascii").read()
        return sum(int(k) for k in re.findall(r"^Private_\w+:\s+(\d+)", text, re.M))
    children = open(f"/proc/{pid}/task/{pid}/children", encoding="ascii").read().split()
    return sum(of(p) for p in [pid, *children])


def soak():
    with Company() as company:
        stop, answered = threading.Event(), [[] for _ in range(2)]
        clients = [threading.Thread(target=save_on, args=(company, i, stop, answered)) for i in range(2)]
        for c in clients:
            c.start()
        try:
            time.sleep(SOAK_S / 5)
            early, records = memory(company.server.pid), sum(map(len, answered))
            time.sleep(SOAK_S * 4 / 5)
            late, more = memory(company.server.pid), sum(map(len, answered)) - records
        finally:
            stop.set()
            for c in clients:
                c.join()
        company.stop()
        verified(company.folder)
        # the graph in each worker grows with the records; nothing else may
        need(late - early < 16 * 1024 + more * 4, f"memory grew from {early} to {late} KiB over {more} saves")
        return f"{SOAK_S} s, {records + more} saves, memory {early} KiB then {late} KiB"


# ---- what other programs do -------------------------------------------------------------------------------------------

def other(*args, **env):
    out = subprocess.run(args, cwd=ROOT, capture_output=True, text=True, env=dict(os.environ, **env))
    print("\n".join("    " + line for line in out.stdout.strip().split("\n")), flush=True)
    need(out.returncode == 0, f"{' '.join(args)} ended with {out.returncode}: {out.stderr[-2000:]}")
    return out.stdout.strip().split("\n")[-1]


def fuzz():
    return other("make", "fuzz", f"SECONDS={FUZZ_S}")


def differ():
    """Random advisories and versions, other ones every night: the snapshot says what the specifications read literally say."""
    asked = 0
    for _ in range(ROUNDS):
        seed = str(random.getrandbits(60))
        for name in ("vuln_scan_literal_test", "vuln_cpe_literal_test"):
            out = subprocess.run([os.path.join(BUILD, "src/vuln", name)], capture_output=True, text=True,
                                 env={**os.environ, "PROOFLINE_SEED": seed, "PROOFLINE_DATA": ""})
            need(out.returncode == 0, f"{name} with PROOFLINE_SEED={seed}: {out.stdout[-1500:]}{out.stderr[-500:]}")
            asked += sum(int(n) for n in re.findall(r"random: (\d+) asked", out.stdout))
    return f"{asked} cases, no difference"


def natives():
    """Orders and ranges of versions as dpkg, rpm, Maven, RubyGems, PHP, Python, npm and Go say them themselves."""
    return other(sys.executable, "test/native/run.py", BUILD)


def snapshots():
    """Bits of a snapshot of advisories, also of one that was checked before: refused."""
    out = subprocess.run([os.path.join(BUILD, "src/vuln/vuln_snapshot_test")], capture_output=True, text=True,
                         env={**os.environ, "PROOFLINE_FLIPS": "10000", "PROOFLINE_SEED": str(random.getrandbits(60))})
    need(out.returncode == 0, out.stdout[-1500:] + out.stderr[-500:])
    return "; ".join(re.findall(r"\d+ flips in .*", out.stdout + out.stderr))


def schemas():
    """CycloneDX's samples changed in one place each: found at fault is what the published schema refuses, and nothing else."""
    return other(sys.executable, "test/schema.py", BUILD)


def packages():
    return other(sys.executable, "test/verify/run.py", BUILD, "--generated", str(PACKAGES))


def backups():
    return other(sys.executable, "test/story/run.py", BUILD, "backup_story.py", NIGHTLY_BACKUPS="1")


def large():
    """Sizes that no test of every day has: what is written is whole, and says what the JSON says."""
    base = tempfile.mkdtemp(prefix="proofline-nightly-")
    try:
        paths = {name: os.path.join(base, name) for name in ("osv.json", "osv.snap", "bom.json")}
        json.dump([{"id": f"GHSA-{i:04d}-made-test", "aliases": [f"CVE-2025-{10000 + i}"], "modified": "2026-01-01T00:00:00Z",
                    "affected": [{"package": {"ecosystem": "npm", "name": f"part-{i % 5000}"},
                                  "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "9.0.0"}]}]}]}
                   for i in range(12500)], open(paths["osv.json"], "w", encoding="utf-8"))
        json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [
            {"type": "library", "bom-ref": f"r{i}", "name": f"part-{i % 5000}", "version": f"1.{i}.0",
             "purl": f"pkg:npm/part-{i % 5000}@1.{i}.0"} for i in range(200000)]}, open(paths["bom.json"], "w", encoding="utf-8"))
        need(proofline(base, "feed", "build", "--out", paths["osv.snap"], paths["osv.json"]).returncode == 0, "no snapshot")
        said = []
        for format in ("json", "sarif", "cyclonedx", "junit", "gitlab", "openvex"):
            out = subprocess.run([PROGRAM, "-C", base, "-o", format, "scan", paths["bom.json"], "--snapshot", paths["osv.snap"]],
                                 capture_output=True, timeout=600)
            need(out.returncode == 0, f"{format}: ended with {out.returncode}: {out.stderr[-300:]}")
            if format != "junit":
                json.loads(out.stdout)
            n = out.stdout.count(b"CVE-2025-")
            need(n >= 12500, f"{format} names {n} vulnerabilities")
            said.append(f"{format} {len(out.stdout) >> 20} MiB")
        return ", ".join(said)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def bench():
    return other(sys.executable, "test/bench/bench.py", BUILD)


def fresh():
    return "; ".join(other("sh", "tools/fresh.sh", suite, FRESH_FULL="1") for suite in ("bookworm", "trixie"))


ITEMS = [kills, faults, every_flip, flips, signs, packages, soak, backups, fuzz, differ, natives, snapshots, schemas, large, bench, fresh]


def main():
    wanted, failed, ran = sys.argv[2:], 0, 0
    for item in ITEMS:
        if wanted and item.__name__ not in wanted:
            continue
        ran, began = ran + 1, time.monotonic()
        try:
            words = item()
            print(f"ok     {item.__name__}: {words} ({time.monotonic() - began:.0f} s)", flush=True)
        except (Failed, subprocess.TimeoutExpired, OSError, ValueError, KeyError) as e:
            failed += 1
            print(f"FAILED {item.__name__}: {type(e).__name__}: {e} ({time.monotonic() - began:.0f} s)", flush=True)
    print(f"{ran - failed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
