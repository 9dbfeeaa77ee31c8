"""What the stories share: the program, a server that ends with the story, a browserless browser."""
import base64
import hashlib
import hmac
import html.parser
import http.cookiejar
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

PROGRAM = None          # set by run.py


class Failed(AssertionError):
    pass


def check(condition, words):
    if not condition:
        raise Failed(words)


def run(*args, code=0, stdin=None, env=None, timeout=120):
    """Runs the program; the exit code must be the one that is expected.  Returns the finished process."""
    out = subprocess.run([PROGRAM, *map(str, args)], input=stdin, capture_output=True, text=True, timeout=timeout,
                         env=dict(os.environ, **(env or {})))
    check(out.returncode == code, f"{' '.join(map(str, args))}: exit {out.returncode} instead of {code}\n{out.stdout[-1500:]}{out.stderr[-1500:]}")
    return out


def run_json(*args, code=0, **more):
    return json.loads(run(*args, "-o", "json", code=code, **more).stdout)


def code_of(secret, at=None):
    """The code of an authenticator app (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(at or time.time()) // 30), hashlib.sha1).digest()
    start = mac[19] & 15
    return f"{(struct.unpack('>I', mac[start:start + 4])[0] & 0x7FFFFFFF) % 1000000:06d}"


def second_factor(folder, login, env):
    """Sets up a second factor on the command line; the file of env then holds a code that is good for one use."""
    secret = run_json("-C", folder, "--as", login, "totp", "enrol", env=env)["secret"]
    if time.time() % 30 > 24:
        time.sleep(30 - time.time() % 30)
    now = time.time()
    for at, last in ((now - 30, False), (now, True)):
        with open(env["PROOFLINE_CODE_FILE"], "w") as f:
            f.write(code_of(secret, at) + "\n")
        if not last:
            recovery = json.loads(run("-C", folder, "--as", login, "totp", "confirm", env=env).stdout)["recovery"]
    return recovery


class Folder:
    """A temporary folder that goes away with the story."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="proofline-story-")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class Server:
    """`demo` or `serve` on a free port; ends with SIGTERM, and must end cleanly."""

    def __init__(self, *args):
        self.began = time.monotonic()
        self.process = subprocess.Popen([PROGRAM, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().strip()
        self.ready_s = time.monotonic() - self.began
        if not line.startswith("http://127.0.0.1:"):
            self.process.kill()
            raise Failed(f"no address but {line!r}: {self.process.stderr.read()[-2000:]}")
        self.url = line.rstrip("/")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failed("the server did not end within 20 s of SIGTERM")
        self.process.stdout.close()
        self.process.stderr.close()
        if kind is None:
            check(code == 0, f"the server ended with {code}")


class FormReader(html.parser.HTMLParser):
    """What a browser would send for the form with this id, unchanged."""

    def __init__(self, form_id):
        super().__init__()
        self.form_id, self.inside, self.fields, self.select, self.area = form_id, False, {}, None, None

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form":
            self.inside = a.get("id") == self.form_id
        elif not self.inside:
            return
        elif tag == "input" and a.get("name") and (a.get("type") != "checkbox" or "checked" in a):
            old = self.fields.get(a["name"])
            value = a.get("value") or ""
            self.fields[a["name"]] = value if old is None else [*(old if isinstance(old, list) else [old]), value]
        elif tag == "select":
            self.select = a["name"]
            self.fields[self.select] = ""
        elif tag == "option" and self.select and "selected" in a:
            self.fields[self.select] = a.get("value") or ""
        elif tag == "textarea":
            self.area = a["name"]
            self.fields[self.area] = ""

    def handle_data(self, text):
        if self.area:
            self.fields[self.area] += text

    def handle_endtag(self, tag):
        if tag == "textarea" and self.area:
            self.fields[self.area] = self.fields[self.area].removeprefix("\n")
            self.area = None
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.inside = False


class Visitor:
    """Follows redirects, keeps cookies, finds the CSRF token of a page."""

    def __init__(self, server):
        self.server = server
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.status, self.page, self.url = 0, "", ""

    def open(self, path, data=None, media=None, headers=None):
        url = self.server.url + path
        request = urllib.request.Request(url, data=data, headers={"Origin": self.server.url, "Accept": "text/html", **(headers or {})})
        if media:
            request.add_header("Content-Type", media)
        try:
            with self.opener.open(request, timeout=60) as answer:
                self.status, self.page, self.url, self.headers = answer.status, answer.read().decode(), answer.url, answer.headers
        except urllib.error.HTTPError as e:
            self.status, self.page, self.url, self.headers = e.code, e.read().decode(), url, e.headers
        return self.page

    def post(self, path, fields):
        return self.open(path, urllib.parse.urlencode(fields, doseq=True).encode(), "application/x-www-form-urlencoded")

    def csrf(self):
        found = re.search(r'name="csrf" value="([^"]+)"', self.page)
        check(found, f"no form token on {self.url}")
        return found.group(1)

    def form(self, form_id):
        reader = FormReader(form_id)
        reader.feed(self.page)
        check(reader.fields, f"no form {form_id} on {self.url}")
        return reader.fields

    def sign_in(self, login, password="demo"):
        self.post("/sign-in", {"login": login, "password": password, "to": "/"})
        return self

    def upload(self, path, name, data, fields):
        edge = "story-edge-7d1f"
        body = b""
        for key, value in fields.items():
            body += f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        body += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/json\r\n\r\n'.encode()
        body += data + f"\r\n--{edge}--\r\n".encode()
        return self.open(path, body, f"multipart/form-data; boundary={edge}")
