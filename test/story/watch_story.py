"""What runs in the background can be watched: an update of feeds by all who look at the page; files of old jobs go."""
import json
import os
import re
import signal
import subprocess
import threading
import time

import story
from feed_story import Site
from fresh_story import bom, site
from mirror import Mirror, kev, osv, osv_bucket, today
from story import Folder, Server, Visitor, check, run


def updating(here, *args):
    return subprocess.Popen([story.PROGRAM, "-C", here.path, *here.mirror.settings(), "feed", "update", *args],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def shown(visitor, want):
    """The page of feeds once it shows what is wanted."""
    for _ in range(300):
        page = visitor.open("/feeds")
        if re.search(want, page):
            return page
        time.sleep(0.05)
    check(False, f"the page never shows {want!r}: {page[-3000:]}")


def row(page, source):
    table = page[page.index("An update is running"):]
    cells = re.search(f'<th scope="row">{source}</th>(.*?)</tr>', table, re.S).group(1)
    return re.sub(r"<[^>]+>", " ", cells).replace(",", "").split()


def story_an_update_is_watched_while_it_runs():
    with Folder() as folder, Mirror(folder) as m:
        here, go = Site(folder, m), threading.Event()
        osv_bucket(m, "npm", [osv(f"GHSA-{i:04}-0000-0000", f"part{i}", "2.0.0", today(2)) for i in range(50)])
        m.paths["/kev.json"] = kev(["CVE-2026-0001", "CVE-2026-0002", "CVE-2026-0003"])
        whole = m.paths["/osv/npm/all.zip"]

        def slowly(handler):
            go.wait(60)
            m.send(handler, 200, whole)
        m.paths["/osv/npm/all.zip"] = slowly
        here.add("osv", "osv", "/osv", "--scope", "npm")
        here.add("kev", "kev", "/kev.json")
        password = os.path.join(folder, "pw")
        run("-C", here.path, "--as", "ada", "user", "password", "ada", env={"PROOFLINE_PASSWORD_FILE": password})
        with Server("-C", here.path, "serve", "--listen", "127.0.0.1:0") as server:
            ada = Visitor(server).sign_in("ada", "correct horse battery 9")
            check("An update is running" not in ada.open("/feeds"), "nothing runs yet")
            killed = updating(here)
            shown(ada, "An update is running.*asking the sources")
            killed.send_signal(signal.SIGKILL)
            killed.communicate()
            page = shown(ada, "The last update was interrupted")
            check("An update is running" not in page, "a killed update goes on")
            process = updating(here)
            page = shown(ada, r'(?s)An update is running.*<th scope="row">osv</th><td><span class="tag line">fetching')
            check(row(page, "kev")[0] == "taken" and row(page, "kev")[2:] == ["1", "1", "0"] and int(row(page, "kev")[1]) > 0, f"kev: {row(page, 'kev')}")
            check('http-equiv="refresh"' in page and "interrupted" not in page, "the page does not look again")
            second = updating(here, "kev")                     # beside it: does its work, and tells nothing
            second.communicate()
            check(second.returncode == 0 and row(ada.open("/feeds"), "osv")[0] == "fetching", "a second update took the page over")
            go.set()
            out, err = process.communicate()
            check(process.returncode == 0, f"{out}{err}")
            page = ada.open("/feeds")
            check("An update is running" not in page and "interrupted" not in page and 'http-equiv="refresh"' not in page, "it ended, and is still shown")
            check(here.status()["osv"]["records"] == 50, "it took nothing in")


def story_files_of_old_jobs_go():
    with Folder() as folder:
        store, jobs = site(folder), os.path.join(folder, "s", "jobs")
        run("-C", store, "new", "product", "title=Pump", "intended_use=Infusion")
        os.makedirs(jobs)
        for i in range(130):
            path = os.path.join(jobs, f"{i:016x}.json")
            with open(path, "w") as f:
                f.write("{}")
            age = 31 if i == 0 else 1
            os.utime(path, (time.time() - age * 86400 - i, time.time() - age * 86400 - i))
        with Server("-C", store, "serve", "--listen", "127.0.0.1:0") as server:
            ada = Visitor(server).sign_in("ada", "correct horse battery 9")
            ada.open("/d/PRD-0001/sbom")
            with open(bom(folder), "rb") as f:
                large = f.read() + b" " * (2 << 20)            # so that it is imported beside the page
            ada.upload("/d/PRD-0001/sbom", "bom.json", large, {"csrf": ada.csrf(), "release": "", "element": ""})
            check("/jobs/" in ada.url, f"{ada.status} {ada.url}")
            for _ in range(200):
                if "components were stored" in ada.open("/jobs/" + ada.url.split("/jobs/")[1]):
                    break
                time.sleep(0.05)
        left = sorted(n for n in os.listdir(jobs) if n.endswith(".json"))
        check(len(left) == 101, f"{len(left)} files are left")
        check(f"{0:016x}.json" not in left and f"{129:016x}.json" not in left and f"{1:016x}.json" in left, "the wrong ones went")
