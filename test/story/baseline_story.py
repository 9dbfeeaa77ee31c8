"""A baseline freezes revisions: it can be listed, signed, compared, and its set stays."""
import os
import tempfile

from story import Folder, Server, Visitor, check, run, run_json


def story_baselines_freeze_revisions():
    with Folder() as folder:
        with Server("demo", "--port", "0", "--keep", folder) as server:
            as_ines = ("-C", folder, "--as", "ines")
            run(*as_ines, "new", "baseline", "title=2.1.0 as it stands", "purpose=milestone", "products=sorrel-p1")
            run(*as_ines, "new", "baseline", "title=no device", "purpose=milestone", "--id", "NOSET-1")
            run(*as_ines, "baseline", "freeze", "NOSET-1", code=3)
            out = run(*as_ines, "set", "BSL-0001", "members=T-001@1 approved " + "0" * 64, code=3)
            check("members" in out.stderr and "worked out" in out.stderr, "a set could be typed in")
            frozen = run_json(*as_ines, "baseline", "freeze", "BSL-0001")
            held = run_json("-C", folder, "baseline", "show", "BSL-0001")
            check(frozen["count"] == len(held) > 100, "the set is not what was counted")
            one = [m for m in held if m["id"] == "T-001"][0]
            check((one["revision"], one["state"]) == (1, "approved"), f"T-001 is held as {one}")
            check(one["hash"] == run_json("-C", folder, "show", "T-001", "--rev", "1")["hash"], "the set does not hold the revision's hash")
            check(run_json("-C", folder, "diff", "BSL-0001", "--device", "sorrel-p1")["changed"] == 0, "something changed in the same minute")
            run(*as_ines, "set", "T-001", "title=Another title", "--reason", "to see that the set stays")
            drift = run_json("-C", folder, "diff", "BSL-0001")
            moved = [r for r in drift["records"] if r["id"] == "T-001"][0]
            check(moved["revision_before"] == 1 and moved["revision_after"] == 2 and moved["changes"][0]["after"] == "Another title", f"the drift is not told: {moved}")
            run(*as_ines, "new", "baseline", "title=the next", "purpose=milestone", "products=sorrel-p1")
            run(*as_ines, "baseline", "freeze", "BSL-0002")
            again = [m for m in run_json("-C", folder, "baseline", "show", "BSL-0002") if m["id"] == "T-001"][0]
            check(again == {**one, "state": "in_force"}, "a draft that nobody accepted came into a set")
            check(run_json("-C", folder, "diff", "BSL-0001", "BSL-0002")["added"] == 0, "two sets of one day differ")
            visitor = Visitor(server).sign_in("ines")
            visitor.open("/r/BSL-0001")
            check("What it holds" in visitor.page and "moved on" in visitor.page and "Since then" in visitor.page and "Freeze again" in visitor.page, "the page does not show the set")
            visitor.open("/diff?from=BSL-0001&to=BSL-0002")
            check(visitor.status == 200, "two baselines are not compared on the page")
            visitor.open("/r/BSL-0001/edit")
            check('name="members"' not in visitor.page, "the form offers the set")
            run("-C", folder, "--as", "ines", "state", "BSL-0001", "submit")
            code = {"code": 0}
            password = tempfile.NamedTemporaryFile("w", delete=False)
            password.write("demo\n"); password.close()
            for who in ("henrik", "lena", "amara"):
                done = __import__("subprocess").run([__import__("story").PROGRAM, "-C", folder, "--as", who, "sign", "BSL-0001", "approve"], capture_output=True, text=True,
                                                    env=dict(os.environ, PROOFLINE_PASSWORD_FILE=password.name))
                if done.returncode == 0:
                    break
            os.unlink(password.name)
            check(done.returncode == 0, f"nobody could sign the baseline: {done.stderr}")
            out = run(*as_ines, "baseline", "freeze", "BSL-0001", "--reason", "to change what was released", code=6)
            check("cannot change" in out.stderr, "a released set can be changed")
            check(run_json("-C", folder, "baseline", "show", "BSL-0001") == held, "the set is another")
            run("-C", folder, "baseline", "show", "T-001", code=2)
        run("-C", folder, "verify")
