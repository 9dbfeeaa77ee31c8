#!/usr/bin/env python3
"""Crashes and failing disks at chosen writes of a fixed row of commands: test/fault/crash.py BUILD [--all]

T-CRASH-2  the processes are killed before, within and after the Nth write, sync, truncation, rename or removal of a file
T-IOERR    the Nth of them fails: EIO, ENOSPC, EDQUOT, EINTR, a short write; once, and from there on
T-FULL     the disk is full from the Nth on and has room again later, in one life of the process
After each the store is opened as a writer does, verified whole, and everything that had been acknowledged is looked up.
Without --all a sample that is the same each time; with it every point.  Prints "N passed, N failed"."""
import concurrent.futures
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

ARGS = [a for a in sys.argv[1:] if not a.startswith("--")]
ALL = "--all" in sys.argv
BUILD = os.path.abspath(ARGS[0] if ARGS else "build")
SCENARIO = os.path.join(BUILD, "test/fault/scenario")
SHIM = os.path.join(BUILD, "test/fault/libfault_shim.so")
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None      # what a kill leaves in files is there either way
LINES_LEAST = 25
SAMPLE = {"T-CRASH-2": 500, "T-IOERR": 200, "T-FULL": 60}


def run(base, folder, fault=None):
    """Acknowledgements, exit code, words, number of writes."""
    env = dict(os.environ, LD_PRELOAD=SHIM, PROOFLINE_FAULT_COUNT=os.path.join(base, "count"))
    if fault:
        env["PROOFLINE_FAULT"] = fault
    acks = os.path.join(base, "acks")
    done = subprocess.run([SCENARIO, "run", folder], capture_output=True, env=env, start_new_session=True, timeout=60)
    with open(acks, "wb") as out:
        out.write(done.stdout)
    count, = struct.unpack("<Q", open(os.path.join(base, "count"), "rb").read())
    return acks, done.returncode, done.stderr.decode(errors="replace"), count


def trial(made, kind, fault):
    """None, or what is wrong.  Heads are signed by the clock, so a run can end some writes before the Nth: once more."""
    for _ in range(4):
        wrong, reached = trial_once(made, kind, fault)
        if reached:
            break
    return wrong


def trial_once(made, kind, fault):
    """(None or what is wrong, whether the run came as far as the fault)"""
    base = tempfile.mkdtemp(prefix="proofline-crash-", dir=MEMORY)
    try:
        folder = os.path.join(base, "data")
        shutil.copytree(made, folder)
        try:
            acks, code, words, writes = run(base, folder, fault)
            lines = open(acks, encoding="utf-8").read().splitlines()
        except subprocess.TimeoutExpired:
            return f"{fault}: it hangs", True
        if kind == "T-CRASH-2" and code != -9:
            return f"{fault}: it was not killed but ended with {code}", writes >= int(fault.split(":")[1])
        if code in (-11, -4, -7, -8):
            return f"{fault}: it crashed with signal {-code}: {words[-300:]}", True
        if kind == "T-FULL" and code not in (0, 7):
            return f"{fault}: a full disk ended it with {code}: {words[-300:]}", True
        if kind == "T-FULL" and code == 0 and len(lines) < LINES_LEAST:
            return f"{fault}: it did not go on when there was room again: {len(lines)} acknowledged", True
        checked = subprocess.run([SCENARIO, "check", folder, acks], capture_output=True, text=True, timeout=120)
        if checked.returncode:
            return f"{fault}: after exit {code}: {checked.stdout[-600:]}{checked.stderr[-600:]}", True
        return None, True
    finally:
        shutil.rmtree(base, ignore_errors=True)


def points(writes):
    """Of each kind all faults; the sample is taken evenly, always the same."""
    kinds = {
        "T-CRASH-2": [f"{when}:{n}" for n in range(1, writes + 1) for when in ("before", "torn", "after")],
        "T-IOERR": [f"{how}:{n}{more}" for n in range(1, writes + 1) for how in ("EIO", "ENOSPC", "EDQUOT", "EINTR", "short")
                    for more in ("", "-") if (how, more) != ("EINTR", "-")],       # a call may be taken up again for ever
        "T-FULL": [f"full:{n}-{n + length}" for n in range(60, writes - 60)      # behind what all others need
                   for length in (1, 3, 9)]                         # a refused command takes one or two calls,
    }
    pick = random.Random(20260101)
    for kind, faults in kinds.items():
        yield kind, faults if ALL else pick.sample(faults, min(SAMPLE[kind], len(faults)))


def sound_run(base, made, name):
    """Number of writes of a run that nothing disturbs."""
    sound = os.path.join(base, name)
    shutil.copytree(made, sound)
    acks, code, words, writes = run(base, sound)
    lines = open(acks, encoding="utf-8").read().splitlines()
    subprocess.run([SCENARIO, "check", sound, acks], check=True, stdout=subprocess.DEVNULL)
    if code or len(lines) < 40:
        sys.exit(f"the row itself ended with {code}: {words}")
    return writes


def fewest(runs):
    """Heads are signed by the clock, so a run that is quicker than all of these has some writes less."""
    return min(runs) * 19 // 20


def main():
    if not os.path.exists(SCENARIO):
        sys.exit(f"{SCENARIO} is not there: build first")
    base = tempfile.mkdtemp(prefix="proofline-crash-")
    passed = failed = 0
    try:
        made = os.path.join(base, "made")
        subprocess.run([SCENARIO, "make", made], check=True)
        writes = fewest(sound_run(base, made, f"sound{i}") for i in range(5))
        for kind, faults in points(writes):
            with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
                wrong = [w for w in pool.map(lambda f, kind=kind: trial(made, kind, f), faults) if w]
            for w in wrong[:5]:
                print(f"{kind} {w}")
            print(f"{kind}: {len(faults)} faults in {writes} writes, {len(wrong)} wrong", flush=True)
            passed += len(faults) - len(wrong)
            failed += len(wrong)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
