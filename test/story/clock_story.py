"""T-TIME: the clock jumps, stands, is lost; the order of the log holds, nobody signs meanwhile, two people end it."""
import calendar
import os
import re
import subprocess
import time

from story import Folder, Server, Visitor, check, run, run_json

HERE = os.path.dirname(os.path.abspath(__file__))
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "y": 31556952}


def seconds(text):
    return int(text[:-1]) * UNITS[text[-1]]


class Clock:
    """The machine's clocks, as every process of the story sees them (clock.c)."""

    def __init__(self, base):
        shim = os.path.join(base, "clock.so")
        built = subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, os.path.join(HERE, "clock.c"), "-ldl"],
                               capture_output=True, text=True, timeout=60)
        check(built.returncode == 0, built.stderr)
        self.path, self.real, self.boot, self.still, self.alone = os.path.join(base, "clock"), 0, 0, 0, 0
        self.env = {"LD_PRELOAD": shim, "PROOFLINE_CLOCK": self.path}
        self.write()

    def write(self):
        with open(self.path + ".new", "w") as f:
            f.write(f"{self.real} {self.boot} {self.still} {self.alone}\n")
        os.rename(self.path + ".new", self.path)

    def step(self, step):
        word, _, rest = step.partition(" ")
        if self.still:                      # it goes on from where it stood
            self.real, self.still = self.still - int(time.time()), 0
        if word[0] in "+-":
            self.real += seconds(word)
        elif word == "sleep":
            self.real, self.boot = self.real + seconds(rest), self.boot + seconds(rest)
        elif word == "still":
            self.still, self.boot = int(time.time()) + self.real, self.boot + seconds(rest)
        elif word == "at":
            self.real = calendar.timegm(time.strptime(rest, "%Y-%m-%dT%H:%M:%SZ")) - int(time.time())
        elif word in ("alone", "kept"):
            self.alone = int(word == "alone")
        elif word == "true":
            self.real = 0
        else:
            raise ValueError(step)
        self.write()

    def __enter__(self):
        self.before = os.environ.copy()
        os.environ.update(self.env)
        return self

    def __exit__(self, *_):
        os.environ.clear()
        os.environ.update(self.before)


def patterns():
    with open(os.path.join(HERE, "clock.data"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, _, steps = line.partition("|")
                yield name.strip(), [s.strip().rpartition(" ")[::2] for s in steps.split(";")]


def save(folder, title):
    out = run("-C", folder, "--as", "kofi", "new", "control", f"title={title}", "products=sorrel-p1", "kind=design",
              "description=Refuses what is not signed", "controls=R-01", "implements=SEC-001", "implemented_in=P1")
    return re.search(r"[A-Z]+-[0-9]+", out.stdout).group(0)


def confirm(folder, *logins):
    for login in logins:
        run("-C", folder, "--as", login, "clock", "confirm", "--reason", "Compared with the radio clock")


def demo_folder(folder):
    with Server("demo", "--port", "0", "--keep", folder):
        pass


def in_doubt(folder):
    return run_json("-C", folder, "clock")["suspended"]


def story_t_time_sixty_patterns():
    with Folder() as base, Clock(base) as clock:
        folder, made = os.path.join(base, "data"), []
        demo_folder(folder)
        made.append(save(folder, "Before"))
        check(not in_doubt(folder), "the clock is in doubt from the start")
        with Server("-C", folder, "serve", "--listen", "127.0.0.1:0"):
            for name, steps in patterns():
                for step, wanted in steps:
                    clock.step(step)
                    made.append(save(folder, f"{name}: {step}"))
                    found = "doubt" if in_doubt(folder) else "ok"
                    check(found == wanted, f"{name}: after '{step}' it is {found}, not {wanted}")
                if wanted == "doubt":
                    confirm(folder, "sample", "lena")
                    check(not in_doubt(folder), f"{name}: two people have confirmed it")
        times = [e["time"] for e in sorted(run_json("-C", folder, "log", "--limit", "1000000"), key=lambda e: e["seq"])]
        check(len(times) > len(made) and times == sorted(times), "the order of t does not hold")
        there = {r["id"] for r in run_json("-C", folder, "list", "control")}
        check(not set(made) - there, f"lost: {set(made) - there}")
        run("-C", folder, "verify")


def story_t_time_an_hour_back_suspends_signing_until_two_confirm():
    with Folder() as base, Clock(base) as clock:
        folder = os.path.join(base, "data")
        secret = os.path.join(base, "password")
        with open(secret, "w") as f:
            f.write("demo\n")
        env = {"PROOFLINE_PASSWORD_FILE": secret}
        demo_folder(folder)
        one = save(folder, "Now")
        run("-C", folder, "--as", "kofi", "state", one, "submit")
        with Server("-C", folder, "serve", "--listen", "127.0.0.1:0") as server:
            v = Visitor(server)
            v.sign_in("tomas")
            check("Signing is suspended" not in v.open("/work"), "a banner without a reason")
            clock.step("-1h")
            check("Signing is suspended until two people" in v.open("/work"), "no banner")
            out = run("-C", folder, "--as", "tomas", "sign", one, "approve", env=env, code=4)
            check("was set back by 1 h" in out.stderr and "Nothing was signed" in out.stderr, out.stderr)
            save(folder, "Meanwhile")
            clock.step("true")
            check("Signing is suspended" in v.open("/work"), "right again, but nobody has confirmed it")
            run("-C", folder, "--as", "tomas", "sign", one, "approve", env=env, code=4)
            run("-C", folder, "--as", "tomas", "clock", "confirm", "--reason", "Compared with the wall", code=4)
            run("-C", folder, "--as", "sample", "clock", "confirm", code=3)
            confirm(folder, "sample", "sample")
            check("Signing is suspended" in v.open("/work"), "one person alone confirms the time")
            second = Visitor(server)
            second.sign_in("lena")
            second.open("/people")
            second.post("/people/clock", {"csrf": second.csrf(), "reason": "Compared with the radio clock"})
            check("Signing is suspended" not in v.open("/work"), "the banner stays")
            run("-C", folder, "--as", "tomas", "sign", one, "approve", env=env)
            run("-C", folder, "--as", "lena", "clock", "confirm", "--reason", "Nothing to be confirmed", code=6)
        acts = [e["act"] for e in run_json("-C", folder, "log") if e["act"].startswith("clock.")]
        check(sorted(acts) == ["clock.anomaly", "clock.confirmed"], f"entries about the clock: {acts}")
        # while nothing ran, the clock went back again: seen at the next start
        clock.step("-3s")
        check(in_doubt(folder), "set back between two runs")
        run("-C", folder, "verify")


def story_t_time_after_a_jump_sessions_end_and_waits_are_short():
    """What ends by the clock ends by the machine's clock, not by that of the log, which may be years ahead for ever."""
    with Folder() as base, Clock(base) as clock:
        folder = os.path.join(base, "data")
        demo_folder(folder)
        clock.step("+10y")
        save(folder, "Years ahead")
        clock.step("true")
        save(folder, "And back")
        with Server("-C", folder, "serve", "--listen", "127.0.0.1:0") as server:
            v = Visitor(server)
            v.sign_in("ines")
            check("Sign out" in v.open("/work"), "nobody can sign in")
            for _ in range(6):
                Visitor(server).sign_in("marek", "wrong")
            clock.step("sleep 1h")
            check("Sign out" in Visitor(server).sign_in("marek").open("/work"), "locked out for years")
            check("Sign out" not in v.open("/work"), "a session that does not end")
