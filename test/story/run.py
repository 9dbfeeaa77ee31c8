#!/usr/bin/env python3
"""Whole-program stories.  usage: run.py BUILD [NAME...]   A story is a function story_* in a file *_story.py beside this."""
import importlib
import os
import sys
import time
import traceback

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
import story


def main():
    story.PROGRAM = os.path.abspath(os.path.join(sys.argv[1], "src/app/proofline"))
    wanted, passed, failed = sys.argv[2:], 0, 0
    for file in sorted(f for f in os.listdir(here) if f.endswith("_story.py")):
        module = importlib.import_module(file[:-3])
        for name in [n for n in dir(module) if n.startswith("story_")]:
            if wanted and name not in wanted and file not in wanted:
                continue
            began = time.monotonic()
            try:
                skipped = getattr(module, name)()
                passed += 1
                print(f"skipped: {name}: {skipped}" if skipped else f"ok   {name} {time.monotonic() - began:.1f} s", flush=True)
            except Exception as e:
                failed += 1
                print(f"FAIL {name}: {e}", flush=True)
                if not isinstance(e, story.Failed):
                    traceback.print_exc(file=sys.stdout)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
