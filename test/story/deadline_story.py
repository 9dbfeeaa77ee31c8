"""What is sold in the EU and is no medical device is reported under the Cyber Resilience Act: hours, by the minute."""
import calendar
import json
import os
import re
import time

from news_story import clocks
from story import Folder, check, run, run_json
from triage_story import KERNEL, SAMPLE, sample, signed


def made(folder, *fields):
    return json.loads(run("-C", folder, "--as", "lena", "new", "product", "intended_use=Reads pumps", *fields, "-o", "json").stdout)["id"]


def held(folder, product, serial):
    """The sample's communication board is in it: KERNEL is known to be exploited."""
    with open(os.path.join(SAMPLE, "sbom-comm-2.0.3.cdx.json"), encoding="utf-8") as f:
        bom = json.load(f)
    path = os.path.join(folder, "board.cdx.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(dict(bom, serialNumber=f"urn:uuid:3e671687-395b-41f5-a30f-a58921a6{serial}"), f)
    run("-C", folder, "--as", "ines", "import", "sbom", path, "--device", product)


def story_the_cyber_resilience_act_counts_hours_for_what_is_no_device():
    with Folder() as folder:
        env = sample(folder)
        gateway = made(folder, "title=Ward gateway", "markets=EU")
        before = time.time()
        held(folder, gateway, "9b81")
        finding = [f["id"] for f in run_json("-C", folder, "list", "finding") if KERNEL in f["title"]][-1]
        running = clocks(folder, KERNEL, finding)
        check(set(running) == {"CK-13", "CK-14", "CK-19"}, f"{set(running)}")
        for rule, hours, clause in (("CK-13", 24, "CRA:14(2)(a)"), ("CK-14", 72, "CRA:14(2)(b)")):
            c = running[rule]
            by = re.search(r", by (\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC$", c["title"])
            check(by and by.group(1) == c["fields"]["due"], f"{c['title']}, due {c['fields']['due']}")
            at = time.strptime(f"{by.group(1)} {by.group(2)}", "%Y-%m-%d %H:%M")
            off = calendar.timegm(at) - before - hours * 3600
            check(-60 <= off <= 120, f"{rule} runs out {off} s beside its {hours} hours")
            check(any(clause in e["reason"] for e in run_json("-C", folder, "log", c["id"])), f"{rule}: the log does not name {clause}")
        check("CK-15" not in running, "the final report is due before a measure is there")
        fixed = json.loads(run("-C", folder, "--as", "ines", "triage", "decide", finding, "--status", "fixed", "--reason", "The board has a new kernel").stdout)
        signed(folder, env, fixed["statements"][0])
        running = clocks(folder, KERNEL, finding)
        check(running["CK-15"]["fields"]["days"] == 14 and running["CK-15"]["state"] == "in_progress", f"{running.get('CK-15')}")
        check(running["CK-13"]["state"] == "in_progress" and running["CK-19"]["state"] == "completed", "what a report meets is entered by people")


def story_a_device_under_the_mdr_is_left_out_and_so_is_what_is_not_sold_there():
    with Folder() as folder:
        sample(folder)
        for i, fields in enumerate((["markets=EU", "eu_class=iib"], ["markets=US"])):
            product = made(folder, f"title=Left out {i}", *fields)
            held(folder, product, f"9b9{i}")
            finding = [f["id"] for f in run_json("-C", folder, "list", "finding") if KERNEL in f["title"]][-1]
            check(set(clocks(folder, KERNEL, finding)) == {"CK-19"}, f"{fields}: {set(clocks(folder, KERNEL, finding))}")
