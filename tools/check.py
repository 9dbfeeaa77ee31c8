#!/usr/bin/env python3
"""Builds with both compilers and the sanitizers, runs every test, prints one count.  Called by ./check."""
import os
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
os.chdir(ROOT)
passed, failed = 0, 0
began = time.time()


def say(text):
    print(f"[{time.time() - began:5.0f} s] {text}", flush=True)


def count(ok, bad, what):
    global passed, failed
    passed += ok
    failed += bad
    say(f"{what}: {ok} passed, {bad} failed")


def run(args, log, env=None):
    with open(log, "ab") as out:
        return subprocess.run(args, stdout=out, stderr=subprocess.STDOUT, env=env or os.environ).returncode


def tail(log, n=40):
    print("".join(open(log, errors="replace").readlines()[-n:]))


def data():
    """Public test data, when a folder with it stands beside this one."""
    unpack = os.path.join(ROOT, "..", "shared", "data", "unpack")
    if not os.path.exists(unpack):
        say("skipped: tests that need the public data sets, which are not beside this folder")
        return None
    there = os.environ.get("PROOFLINE_DATA") or os.path.join(ROOT, "build-data")
    subprocess.run([unpack, there], check=True)
    return there


def suite(name, compiler, options):
    """One build and its tests; every cmocka case counts, a program without cases counts as one."""
    build, log = f"build-{name}" if name != "gcc" else "build", f"build-{name}.log"
    open(log, "w").close()
    ccache = [shutil.which("ccache")] if shutil.which("ccache") else []
    env = dict(os.environ, CC=" ".join([*ccache, compiler]))
    if not os.path.exists(f"{build}/build.ninja") and run(["meson", "setup", build, "-Dwerror=true", *options], log, env):
        tail(log)
        return count(0, 1, f"{name}: set-up")
    run(["meson", "configure", build, "-Dwerror=true"], log, env)       # ./start may have made it without
    if run(["ninja", "-C", build], log):
        tail(log)
        return count(0, 1, f"{name}: build")
    count(1, 0, f"{name}: build without warnings")
    run(["meson", "test", "-C", build, "--timeout-multiplier", "4"], log)
    text = open(f"{build}/meson-logs/testlog.txt", errors="replace").read()
    ok = bad = skipped = 0
    for block in re.split(r"^=+ \d+/\d+ =+$", text, flags=re.M)[1:]:
        good = len(re.findall(r"^\[\s+OK \]", block, re.M))
        wrong = len(set(re.findall(r"^\[  FAILED  \] (?!\d)(\S+)", block, re.M)))     # each is named again at the end
        skipped += len(set(re.findall(r"^\[  SKIPPED \] (?!\d)(\S+)", block, re.M)))
        result = re.search(r"^result:\s+(.*)$", block, re.M)
        fine = bool(result) and ("exit status 0" in result.group(1) or "exit status 77" in result.group(1))
        if not fine:
            print(block[-4000:])
            wrong = max(wrong, 1)
        ok, bad = ok + (good or (1 if fine else 0)), bad + wrong
    count(ok, bad, f"{name}: tests" + (f" ({skipped} skipped)" if skipped else ""))


def script(name, args, timeout=900):
    """A program that prints its own "N passed, N failed" line, or counts as one."""
    out = subprocess.run(args, capture_output=True, text=True, timeout=timeout)
    lines = re.findall(r"^(?:\w+: )?(\d+) passed, (\d+) failed", out.stdout, re.M)
    ok, bad = (int(lines[-1][0]), int(lines[-1][1])) if lines else ((1, 0) if out.returncode == 0 else (0, 1))
    if out.returncode and not bad:
        bad = 1
    if bad:
        print(out.stdout[-6000:] + out.stderr[-3000:])
    else:
        print("".join(l + "\n" for l in out.stdout.split("\n") if l.startswith("skipped:")), end="")
    count(ok, bad, name)


def main():
    there = data()
    if there:
        os.environ["PROOFLINE_DATA"] = os.path.abspath(there)
    os.environ.setdefault("UBSAN_OPTIONS", "halt_on_error=1:abort_on_error=1:print_stacktrace=1")   # older Mesons do not set it
    suite("gcc", "gcc", [])
    suite("clang", "clang", [])
    suite("asan", "gcc", ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Doptimization=1"])
    script("lint", [sys.executable, "tools/lint.py"])
    script("crashes and full disks", [sys.executable, "test/fault/crash.py", "build"])
    script("kills", [sys.executable, "test/fault/hammer.py", "build"])
    script("stories", [sys.executable, "test/story/run.py", "build"])
    script("packages", [sys.executable, "test/verify/run.py", "build"])
    script("browser", [sys.executable, "test/browser/run.py", "build"])
    say("finished")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
