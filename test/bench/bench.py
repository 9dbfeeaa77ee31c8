#!/usr/bin/env python3
"""Runs every benchmark of a build and prints one table: test/bench/bench.py BUILD [--full]

--full: advisories at the size of the world (600,000 + 300,000; minutes, 3 GB of disk, kept in BUILD/bench-full) and a server
over a million entries, and no more.
Each figure stands beside a named baseline that was measured in the same run on the same machine.  Nothing passes or fails by
its speed; the exit code only says whether all of them ran.  The rows are also written to BUILD/bench.json."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
PROGRAM = os.path.join(BUILD, "src/app/proofline")
rows, broken = [], []


def figure(x):
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}"


def add(group, what, ours, unit, baseline, base):
    rows.append({"group": group, "what": what, "ours": ours, "unit": unit, "baseline": baseline, "base": base})
    per = f"{ours / base:.2f}" if base else "-"
    print(f"{what:<62} {figure(ours):>9} {unit:<10} {figure(base):>9}  {per:>7}  {baseline}", flush=True)


def advisories(full):
    """Building a snapshot of replicated real advisories, and judging 1,000 components against it with the whole program."""
    nosv, nnvd = (600000, 300000) if full else (12000, 6000)
    folder = os.path.join(BUILD, "bench-full" if full else "bench-small")
    if subprocess.run([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "grow.py"), folder, str(nosv),
                       str(nnvd)]).returncode:
        broken.append("grow")
        return
    snapshot = os.path.join(folder, "all.snap")
    run("feed", [snapshot] + sorted(os.path.join(folder, f) for f in os.listdir(folder) if f.endswith((".zip", ".json.gz"))))
    run("scan", [PROGRAM, os.path.join(folder, "sbom.json"), snapshot])
    run("match", [os.path.join(folder, "sbom.json"), snapshot], "src/vuln")
    whole, ours, parse = [], [], []
    for _ in range(15):
        before = os.times()
        began = time.monotonic()
        done = subprocess.run([PROGRAM, "-o", "json", "scan", os.path.join(folder, "sbom.json"), "--snapshot", snapshot],
                              stdout=subprocess.PIPE)
        whole.append(time.monotonic() - began)
        after = os.times()
        ours.append(after.children_user + after.children_system - before.children_user - before.children_system)
        began = time.monotonic()
        json.loads(done.stdout)
        parse.append(time.monotonic() - began)
    base = sorted(parse)[7] * 1e3
    what = f"{nosv + nnvd:,} advisories"
    add("feed", f"scan, 1,000 components, {what}: from start to end", sorted(whole)[7] * 1e3, "ms", "Python reading its answer", base)
    add("feed", f"scan, 1,000 components, {what}: processor time", sorted(ours)[7] * 1e3, "ms", "Python reading its answer", base)


def run(name, args, where="test/bench"):
    """A program that prints lines of: row, what, ours, unit, baseline, its figure."""
    rows_of(subprocess.run([os.path.join(BUILD, where, name + "_bench"), *args], capture_output=True, text=True), name)


def rows_of(done, name):
    for line in done.stdout.splitlines():
        cells = line.split("\t")
        if cells[0] == "row":
            add(name, cells[1], float(cells[2]), cells[3], cells[4], float(cells[5]))
    if done.returncode:
        broken.append(name)
        print(f"{name} ended with {done.returncode}: {done.stderr.strip()}")


def ready(folder):
    """Seconds from starting the sample company until its page can be had."""
    began = time.monotonic()
    demo = subprocess.Popen([PROGRAM, "demo", "--keep", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = demo.stdout.readline()
    took = time.monotonic() - began
    demo.send_signal(signal.SIGTERM)
    demo.communicate(timeout=30)
    return took if re.match(r"http://", line) else None


def demo_start():
    folder = tempfile.mkdtemp(prefix="proofline-demo-bench-")
    try:
        shutil.rmtree(folder)
        fresh, again = ready(folder), min(ready(folder) or 1e9 for _ in range(3))
        if not fresh or again >= 1e9:
            broken.append("demo")
            return
        add("demo", "sample company: nothing there, until ready", fresh * 1e3, "ms", "the same folder opened again", again * 1e3)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def first_page(folder):
    """Seconds from starting the server of a data folder until its first page is there; the least of three."""
    least = 1e9
    for _ in range(3):
        began = time.monotonic()
        server = subprocess.Popen([PROGRAM, "-C", folder, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
        found = None
        while not found:
            line = server.stdout.readline()
            found = re.search(r"http://[\d.]+:\d+", line)
            if not line:
                raise OSError("the server did not start")
        urllib.request.urlopen(found.group(0) + "/").read()
        least = min(least, time.monotonic() - began)
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)
    return least


def server_start(entries, records):
    """A server over a long log, beside one over an empty company."""
    base = tempfile.mkdtemp(prefix="proofline-start-bench-")
    took = []
    try:
        for size in ((entries, records), (0, 0)):
            folder = os.path.join(base, str(size[0]))
            subprocess.run([os.path.join(BUILD, "test/bench/start_bench"), folder, *map(str, size)], check=True)
            took.append(first_page(folder) * 1e3)
        add("start", f"server, {entries:,} entries, {records:,} records: to the first page", took[0], "ms",
            "the same server over an empty company", took[1])
    except (OSError, subprocess.SubprocessError) as e:
        broken.append("start")
        print(f"start: {e}")
    finally:
        shutil.rmtree(base, ignore_errors=True)


def import_pages(components):
    """Pages of a server while it imports."""
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "import_pages.py")
    done = subprocess.run([sys.executable, beside, BUILD, str(components)], capture_output=True, text=True)
    rows_of(done, "import_pages")


def main():
    os.environ.setdefault("TMPDIR", BUILD)               # the disk that is built on, not memory
    print(f"{'':<62} {'Proofline':>9} {'':<10} {'baseline':>9}  {'ratio':>7}")
    if "--full" in sys.argv:
        advisories(full=True)
        run("portfolio", ["10000", "200000"])
        server_start(1000000, 100000)
        import_pages(200000)
    else:
        run("commit", [])
        run("graph", [])
        log = tempfile.mkdtemp(prefix="proofline-log-bench-")
        run("ledger", ["200000", os.path.join(log, "store")], "src/ledger")
        shutil.rmtree(log, ignore_errors=True)
        run("scan", [PROGRAM])
        advisories(full=False)
        run("portfolio", ["200", "20000"])
        demo_start()
        server_start(100000, 10000)
        import_pages(50000)
    with open(os.path.join(BUILD, "bench-full.json" if "--full" in sys.argv else "bench.json"), "w", encoding="utf-8") as out:
        json.dump({"rows": rows, "processors": os.cpu_count()}, out, indent=1)
    print(f"{len(rows)} figures" + (f"; did not run: {', '.join(broken)}" if broken else ""))
    return 1 if broken else 0


sys.exit(main())
