"""The log is remembered outside its store, and says so when something was put back (T-ANCHOR, T-EPOCH, T-TIME)."""
import http.server
import os
import re
import shutil
import subprocess
import threading
import time

import story
from story import Folder, Server, Visitor, check, run, run_json


def demo_folder(folder):
    with Server("demo", "--port", "0", "--keep", folder):
        pass


def password_files(base):
    path = os.path.join(base, "password")
    with open(path, "w", encoding="ascii") as f:
        f.write("demo\n")
    other = os.path.join(base, "other")
    with open(other, "w", encoding="ascii") as f:
        f.write("correct horse battery staple\n")
    return {"PROOFLINE_PASSWORD_FILE": path, "PROOFLINE_SECOND_PASSWORD_FILE": other}


def save(folder, words, **more):
    return run("-C", folder, "--as", "kofi", "new", "requirement", f"title={words}", "products=sorrel-p1",
               "statement=The pump shall log each refused command within 1 s.", "kind=security", "derives_from=T-001", "allocated_to=P1", **more)


def roll_back(folder, base):
    """Three entries later, the database of before is put back; the signer remembers."""
    before = os.path.join(base, "before.db")
    shutil.copy(os.path.join(folder, "proofline.db"), before)
    for i in range(3):
        save(folder, f"Path {i}")
    for name in ("proofline.db-wal", "proofline.db-shm"):
        if os.path.exists(os.path.join(folder, name)):
            os.remove(os.path.join(folder, name))
    shutil.copy(before, os.path.join(folder, "proofline.db"))


def story_an_older_store_is_refused_until_two_people_say_why():
    with Folder() as base:
        folder = os.path.join(base, "data")
        env = password_files(base)
        demo_folder(folder)
        run("-C", folder, "--as", "sample", "user", "password", "sample",
            env={"PROOFLINE_PASSWORD_FILE": env["PROOFLINE_SECOND_PASSWORD_FILE"]})
        run("-C", folder, "anchor", "archive", os.path.join(base, "archive"))
        paper = os.path.join(base, "paper")
        with open(paper, "w", encoding="ascii") as f:
            f.write(run("-C", folder, "anchor", "--paper").stdout)
        with open(os.path.join(folder, "signer/key.pub"), encoding="ascii") as f:
            old_key = f.read()
        roll_back(folder, base)
        refused = save(folder, "Never", code=8)
        check("older database was put back" in refused.stderr and "proofline recover" in refused.stderr, refused.stderr)
        found = run("-C", folder, "verify", code=8).stdout
        check("rolled back" in found and "archive" in found, found)
        server = subprocess.run([story.PROGRAM, "-C", folder, "serve", "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
        check(server.returncode != 0 and "older database was put back" in server.stderr, f"{server.returncode} {server.stderr}")
        run("-C", folder, "--as", "lena", "recover", "--reason", "The disk died", "--second", "lena", env=env, code=4)
        run("-C", folder, "--as", "kofi", "recover", "--reason", "The disk died", "--second", "lena", env=env, code=4)
        run("-C", folder, "--as", "lena", "recover", "--second", "amara", env=env, code=2)
        again = ["-C", folder, "--as", "lena", "recover", "--reason", "The disk died; yesterday's copy", "--second", "sample"]
        run(*again, env={**env, "PROOFLINE_SECOND_PASSWORD_FILE": env["PROOFLINE_PASSWORD_FILE"]}, code=4)
        out = run(*again, env=env)
        check(out.stdout.strip().endswith("/2"), out.stdout)
        run("-C", folder, "verify", "--anchor", paper)
        save(folder, "Goes on")
        run("-C", folder, "anchor", "archive", os.path.join(base, "archive"), code=6)
        run("-C", folder, "anchor", "archive", os.path.join(base, "second"))
        run("-C", folder, "verify")
        run("-C", folder, "--as", "lena", "recover", "--reason", "Again", "--second", "sample", env=env, code=6)
        entry = [e for e in run_json("-C", folder, "log") if e.get("act") == "epoch.start"]
        check(len(entry) == 1, f"{len(entry)} entries epoch.start")
        package(folder, base, old_key)


def package(folder, base, old_key):
    """A package of the second epoch verifies with its key, and not with the one of the first."""
    checker = os.path.join(os.path.dirname(os.path.dirname(story.PROGRAM)), "proof", "proofline-verify")
    zip_path, new, old = (os.path.join(base, n) for n in ("p.zip", "new.txt", "old.txt"))
    run("-C", folder, "--as", "ines", "export", "T-001", "--package", zip_path)
    for path, key in ((new, open(os.path.join(folder, "signer/key.pub"), encoding="ascii").read()), (old, old_key)):
        with open(path, "w", encoding="ascii") as f:
            f.write(f"log {key.strip()}\nquorum none\n")
    for path, want in ((new, 0), (old, 8)):
        out = subprocess.run([checker, zip_path, path], capture_output=True, text=True, timeout=60)
        check(out.returncode == want, f"{path}: {out.returncode} {out.stdout}{out.stderr}")


TSA = """[tsa]
default_tsa = t
[t]
serial = {base}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical,timeStamping
"""


def authority(base):
    """A timestamp authority of the story's own."""
    def openssl(*args):
        out = subprocess.run(["openssl", *args], cwd=base, capture_output=True, text=True, timeout=60)
        check(out.returncode == 0, out.stderr)

    with open(os.path.join(base, "tsa.cnf"), "w", encoding="ascii") as f:
        f.write(TSA.format(base=base))
    with open(os.path.join(base, "serial"), "w", encoding="ascii") as f:
        f.write("01\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Story root", "-days", "2")
    openssl("req", *key, "-keyout", "t.key", "-out", "t.csr", "-subj", "/CN=Story authority")
    openssl("x509", "-req", "-in", "t.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "tsa.cnf",
            "-extensions", "ext", "-out", "t.pem")
    return lambda query, reply: openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "t", "-queryfile", query, "-signer", "t.pem",
                                        "-inkey", "t.key", "-out", reply)


def story_what_remembers_the_log_is_kept_and_compared():
    with Folder() as base:
        folder, archive = os.path.join(base, "data"), os.path.join(base, "archive")
        query, reply, paper = (os.path.join(base, n) for n in ("log.tsq", "log.tsr", "paper"))
        stamp = authority(base)
        demo_folder(folder)
        run("-C", folder, "anchor", "archive", archive)
        run("-C", folder, "--as", "ines", "anchor", "timestamp", "--request", query)
        save(folder, "While the request waits")
        stamp(query, reply)
        shutil.copy(os.path.join(base, "ca.pem"), os.path.join(folder, "timestamp-ca.pem"))
        broken = open(reply, "rb").read()
        with open(os.path.join(base, "broken.tsr"), "wb") as f:
            f.write(broken[:-1] + bytes([broken[-1] ^ 1]))
        run("-C", folder, "--as", "ines", "anchor", "timestamp", "--reply", os.path.join(base, "broken.tsr"), code=3)
        run("-C", folder, "--as", "ines", "anchor", "timestamp", "--reply", reply)
        shown = run("-C", folder, "anchor").stdout
        check("agrees" in shown and "Story authority" in shown, shown)
        receipt = run("-C", folder, "anchor", "receipt", "T-001").stdout
        with open(paper, "w", encoding="utf-8") as f:
            f.write(receipt)
        run("-C", folder, "anchor", "check", paper)
        with open(paper, "w", encoding="ascii") as f:
            f.write(run("-C", folder, "anchor", "--paper").stdout)
        run("-C", folder, "verify", "--anchor", paper)
        with Server("-C", folder, "serve", "--listen", "127.0.0.1:0") as server:
            v = Visitor(server)
            v.sign_in("lena")
            page = v.open("/log/checkpoint")
            check("<svg" in page and "Root" in page and "Origin" in page, page[:500])
            v.open("/log/3/receipt")
            check(v.page.startswith("c2sp.org/tlog-proof@v1\nindex 3\n"), v.page[:200])
        tile = os.path.join(archive, "tile/entries/000")
        data = bytearray(open(tile, "rb").read())
        data[100] ^= 1
        os.chmod(tile, 0o600)
        with open(tile, "wb") as f:
            f.write(data)
        check("archive" in run("-C", folder, "verify", code=8).stdout, "a changed archive was not found")



class Authority(http.server.BaseHTTPRequestHandler):
    """An RFC 3161 authority on the loopback: openssl ts -reply behind POST.  spoil: what is done to a reply."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.headers["Content-Type"], query))
        status, reply = self.server.answer(query)
        self.send_response(status)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass


class AuthorityServer:
    def __init__(self, base, answer):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Authority)
        self.server.asked, self.server.answer = [], answer
        self.server.handle_error = lambda *_: None     # a reply that is too long is not read to its end
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def authority_over(base):
    """The authority as a function from query to reply."""
    reply_to, lock = authority(base), threading.Lock()

    def stamp(query):
        with lock:
            paths = [os.path.join(base, n) for n in ("net.tsq", "net.tsr")]
            with open(paths[0], "wb") as f:
                f.write(query)
            reply_to(*paths)
            with open(paths[1], "rb") as f:
                return f.read()
    return stamp


def settings(folder, port, **more):
    with open(os.path.join(folder, "proofline.toml"), "a", encoding="ascii") as f:
        f.write(f'timestamp_url = "http://127.0.0.1:{port}/tsa"\nfeed_private_hosts = "127.0.0.1:{port}"\n')
        f.writelines(f"{k} = {v}\n" for k, v in more.items())


def story_the_authority_is_asked_over_the_network_and_waited_for():
    with Folder() as base:
        folder, send = os.path.join(base, "data"), ("--as", "ines", "anchor", "timestamp", "--send")
        stamp = authority_over(base)
        demo_folder(folder)
        run("-C", folder, *send, code=78)                        # nobody is named
        answers = {"now": lambda q: (503, b"")}
        with AuthorityServer(base, lambda q: answers["now"](q)) as tsa:
            settings(folder, tsa.port)
            refused = run("-C", folder, *send, code=78)
            check("timestamp-ca.pem" in refused.stderr and not tsa.server.asked, "it was asked without roots")
            shutil.copy(os.path.join(base, "ca.pem"), os.path.join(folder, "timestamp-ca.pem"))
            for words, answer in [("status 503", lambda q: (503, b"")), ("empty answer", lambda q: (200, b"")), ("answers none", lambda q: (200, b"no reply at all")),
                                  ("answers none", lambda q: (200, stamp(q)[:-1] + b"\0")), ("answers none", lambda q: (200, stamp(other_nonce(q)))),
                                  ("answers none", lambda q: (200, stamp(other_imprint(q)))), ("larger", lambda q: (200, bytes(100000)))]:
                answers["now"] = answer
                out = subprocess.run([story.PROGRAM, "-C", folder, *send], capture_output=True, text=True, timeout=60)
                check(out.returncode != 0 and words in out.stderr, f"{words}: {out.returncode} {out.stderr}")
            shown = run("-C", folder, "anchor").stdout
            check("waits" in shown and "7 tries failed" in shown, shown)
            doctor = subprocess.run([story.PROGRAM, "-C", folder, "doctor"], capture_output=True, text=True, timeout=60).stdout
            check(re.search(r"^LOOK +timestamp .*7 tries failed", doctor, re.M), doctor)
            check({media for media, _ in tsa.server.asked} == {"application/timestamp-query"}, "another media type")
            check(len({q for _, q in tsa.server.asked}) == 1, "the request that waits is not the one that is sent again")
            answers["now"] = lambda q: (200, stamp(q))
            out = run("-C", folder, *send).stdout
            check("Story authority" in out and not os.path.exists(os.path.join(folder, "timestamp.state")), out)
            run("-C", folder, "verify")
        nobody = run("-C", folder, "set", "T-001", "title=While nobody answers", "--as", "kofi", "--reason", "The line is down")
        check(nobody.returncode == 0, "saving waits for the authority")


def other_nonce(query):
    return query[:-5] + bytes([query[-5] ^ 1]) + query[-4:]       # nonce, then certReq: 01 01 ff


def other_imprint(query):
    at = query.index(b"\x04\x20") + 2
    return query[:at] + bytes([query[at] ^ 1]) + query[at + 1:]


def story_the_server_has_the_log_stamped_and_tries_again():
    with Folder() as base:
        folder = os.path.join(base, "data")
        stamp = authority_over(base)
        demo_folder(folder)
        answers = {"now": lambda q: (503, b"")}
        with AuthorityServer(base, lambda q: answers["now"](q)) as tsa:
            settings(folder, tsa.port, timestamp_retry_s=1)
            shutil.copy(os.path.join(base, "ca.pem"), os.path.join(folder, "timestamp-ca.pem"))
            with Server("-C", folder, "serve", "--listen", "127.0.0.1:0"):
                wait_for(lambda: len(tsa.server.asked) >= 2, "the server does not try again")
                answers["now"] = lambda q: (200, stamp(q))
                wait_for(lambda: "Story authority" in run("-C", folder, "anchor").stdout, "no timestamp came")
            check(len({q for _, q in tsa.server.asked}) == 1, "another request was sent")
        run("-C", folder, "verify")


def wait_for(truth, words):
    for _ in range(600):
        if truth():
            return
        time.sleep(0.1)
    raise story.Failed(words)
