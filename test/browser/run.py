#!/usr/bin/env python3
"""Opens the sample company's pages in Chromium: test/browser/run.py BUILD [--keep]

Installs two packages beside this file when they are absent, starts the sample company, runs story.mjs against it.
Screenshots go to BUILD/shots; --keep copies those that the documentation shows to doc/."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
START_SECONDS = 180


def fail(words):
    print(f"FAILED {words}\n0 passed, 1 failed")
    sys.exit(1)


def packages():
    if all(os.path.exists(os.path.join(HERE, "node_modules", name, "package.json")) for name in ("playwright-core", "axe-core")):
        return
    print("installing playwright-core and axe-core with npm into test/browser/node_modules", flush=True)
    npm = subprocess.run(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
                         cwd=HERE, capture_output=True, text=True)
    if npm.returncode:
        fail("npm install:\n" + npm.stdout + npm.stderr)


def address(demo, log):
    """The line with the address that the sample company prints when it is ready."""
    end = time.time() + START_SECONDS
    while time.time() < end and demo.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+", open(log, errors="replace").read())
        if found:
            return found.group(0)
        time.sleep(0.1)
    demo.kill()
    fail("the sample company did not start:\n" + open(log, errors="replace").read())


def main():
    build = os.path.abspath(next((a for a in sys.argv[1:] if not a.startswith("-")), "build"))
    shots = os.path.join(build, "shots")
    chromium = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if os.path.exists(p)), None)
    if not chromium:
        fail("Chromium is not installed: sh tools/setup.sh test")
    packages()
    os.makedirs(shots, exist_ok=True)
    log = os.path.join(build, "browser-demo.log")
    with open(log, "w") as out:
        demo = subprocess.Popen([os.path.join(build, "src/app/proofline"), "demo", "--port", "0"], stdout=out, stderr=out)
    try:
        url = address(demo, log)
        code = subprocess.run(["node", os.path.join(HERE, "story.mjs"), url, shots, chromium]).returncode
    finally:
        demo.send_signal(signal.SIGTERM)
        try:
            demo.wait(30)
        except subprocess.TimeoutExpired:
            demo.kill()
    if code == 0 and "--keep" in sys.argv:
        for name in ("cockpit-light.png",):
            shutil.copy(os.path.join(shots, name), os.path.join(ROOT, "doc", name))
    return code


sys.exit(main())
