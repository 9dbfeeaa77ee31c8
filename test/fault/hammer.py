#!/usr/bin/env python3
"""Sixteen people edit the same fifty records while the server's processes are killed: test/fault/hammer.py BUILD [KILLS]

T-CRASH-1  nothing acknowledged is lost, nothing half done, verify finds nothing, and the server is there again soon
T-LOST     every acknowledged edit stands exactly once in its record's versions, on the revision that it was made on;
           versions have no gaps; everybody else was told that his edit was stale
The judge reads nothing but what the clients were answered and an exported package.  Prints "N passed, N failed"."""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
KILLS = int(sys.argv[2] if len(sys.argv) > 2 else "500")
PROGRAM = os.path.join(BUILD, "src/app/proofline")
HAMMER = os.path.join(BUILD, "test/fault/hammer")
VERIFIER = os.path.join(BUILD, "src/proof/proofline-verify")
CLIENTS, RECORDS = 16, 50
LIFE = 4                       # kills before the server is begun afresh: a part that dies often is started ever later
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def proofline(folder, *args, **kw):
    return subprocess.run([PROGRAM, "-C", folder, *args], capture_output=True, text=True, timeout=600, **kw)


def must(done):
    if done.returncode:
        sys.exit(f"{done.args} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.stdout


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.slowest = 0.0
        self.start()

    def start(self):
        """A writer that was begun just before its server was killed ends by itself; until then the store is taken (exit 7)."""
        began = time.monotonic()
        while not self.begun():
            if self.process.wait(10) != 7 or time.monotonic() - began > 10:
                sys.exit(f"the server did not start: exit {self.process.returncode}")
            time.sleep(0.1)
        self.slowest = max(self.slowest, time.monotonic() - began)

    def begun(self):
        self.process = subprocess.Popen([PROGRAM, "-C", self.folder, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        return "http://" in self.process.stdout.readline()

    def children(self):
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as f:
                return [int(p) for p in f.read().split()]
        except OSError:
            return []

    def writer(self):
        try:
            with open(os.path.join(self.folder, "proofline.lock"), encoding="ascii") as f:
                pid = int(f.read().split()[0])
            return pid if pid in self.children() else None
        except (OSError, ValueError, IndexError):
            return None

    def kill_one(self, turn):
        """Mostly the writer; now and then another part, or all at once."""
        if turn % LIFE == LIFE - 1:
            everybody = [self.process.pid, *self.children()]
            for pid in everybody:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.process.wait(10)
            self.start()
            return
        end = time.monotonic() + 20
        while (pid := self.writer()) is None and time.monotonic() < end:
            time.sleep(0.002)
        if turn % 8 == 5 and self.children():
            pid = random.choice(self.children())
        if pid is None:
            sys.exit("the server has no writer for 20 s")
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def campaign(base):
    folder, acks = os.path.join(base, "data"), os.path.join(base, "acks")
    must(subprocess.run([os.path.join(BUILD, "test/fault/scenario"), "make", folder], capture_output=True, text=True))
    for i in range(1, RECORDS + 1):
        must(proofline(folder, "new", "threat", "--id", f"HIT-{i}", "title=Hit by many", "category=misuse"))
    server = Server(folder)
    hammer = subprocess.Popen([HAMMER, folder, "crash", str(CLIENTS), str(RECORDS), acks], stdout=subprocess.PIPE, text=True,
                              start_new_session=True)
    for turn in range(KILLS):
        time.sleep(random.uniform(0.01, 0.08))
        server.kill_one(turn)
    time.sleep(0.3)
    hammer.send_signal(signal.SIGTERM)
    counts = hammer.communicate(timeout=60)[0].split(" ", 4)
    stopped = server.stop()
    return folder, acks, [int(c) for c in counts[:4]], counts[4].strip(), stopped, server.slowest


def judge(base, folder, acks):
    """What is wrong, by reading acknowledgements and an exported package."""
    package = os.path.join(base, "all.zip")
    must(proofline(folder, "export", "--package", package, "type:threat"))
    checked = subprocess.run([VERIFIER, package], capture_output=True, text=True, timeout=600)
    if checked.returncode:
        return [f"the package does not verify: {checked.stdout[-500:]}{checked.stderr[-300:]}"], 0
    versions = {}
    with zipfile.ZipFile(package) as z:
        for name in z.namelist():
            if name.startswith("revisions/"):
                body = json.loads(z.read(name))
                versions.setdefault(body["id"], {})[body["rev"]] = body["fields"].get("path", "")
    wrong, seen = [], {}
    for record, revs in versions.items():
        if sorted(revs) != list(range(1, len(revs) + 1)):
            wrong.append(f"{record} has gaps: {sorted(revs)[-5:]}")
        for rev, token in revs.items():
            if token and token in seen:
                wrong.append(f"{token} stands twice: {seen[token]} and {record}@{rev}")
            seen[token] = (record, rev)
    lines = open(acks, encoding="ascii").read().splitlines()
    for line in lines:
        _, record, base_rev, rev, token = line.split()
        if seen.get(token) != (record, int(rev)):
            wrong.append(f"acknowledged and not there: {line} but {seen.get(token)}")
    return wrong, len(lines)


def main():
    base = tempfile.mkdtemp(prefix="proofline-hammer-", dir=MEMORY)
    try:
        folder, acks, (saved, stale, again, odd), words, stopped, slowest = campaign(base)
        verified = proofline(folder, "verify")
        wrong, lines = judge(base, folder, acks)
        checks = [
            (not wrong, "; ".join(wrong[:5]) or f"T-LOST: {lines} acknowledged edits of {RECORDS} records, each there once"),
            (verified.returncode == 0, f"T-CRASH-1: verify ends with {verified.returncode} {verified.stdout[-300:] if verified.returncode else ''}"),
            (odd == 0, f"T-LOST: {stale} were told that they are stale, {again} asked again, {odd} got another answer {words}"),
            (lines == saved and saved > KILLS, f"T-CRASH-1: {saved} edits were answered under {KILLS} kills"),
            (stopped == 0, f"T-CRASH-1: the server ends with {stopped}; its slowest start took {slowest:.2f} s"),
        ]
        for good, text in checks:
            print(("ok     " if good else "FAILED ") + text)
        print(f"{sum(g for g, _ in checks)} passed, {sum(not g for g, _ in checks)} failed")
        return 0 if all(g for g, _ in checks) else 1
    finally:
        shutil.rmtree(base, ignore_errors=True)


sys.exit(main())
