"""A running Certwright for a test: started, asked, stopped by process id."""

import atexit
import base64
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("CERTWRIGHT_BUILD", os.path.join(TOP, "build"))
# test builds have a clock that can be moved
SEAMS = any(word in BUILD for word in ("build-unit", "asan", "tsan"))
PASSWORD = "Korrekt-Pferd-Batterie-72!"
FIELDS = {
    "country": "US", "state": "New Jersey", "locality": "Hackensack",
    "organization": "Example Video, Inc.", "unit": "R&D",
    "common_name": "portal.example.com", "email": "pki@example.com",
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


class House:
    """data: keep this folder (None: a fresh one, removed at the end)."""

    def __init__(self, data=None, options=(), env=None, start=True):
        self.own = data is None
        self.base = tempfile.mkdtemp(prefix="cw-") if self.own else None
        if self.own:
            # ids of the daemon's processes differ from ours when we are root
            os.chmod(self.base, 0o755)
        self.data = data or os.path.join(self.base, "data")
        self.options = list(options) + os.environ.get("CERTWRIGHT_OPTIONS", "").split()
        self.env = dict(os.environ, **(env or {}))
        self.port = free_port()
        self.process = None
        self.log = tempfile.NamedTemporaryFile(prefix="cw-log-", suffix=".txt", delete=False)
        self.ready = ""
        atexit.register(self.close)
        if start:
            self.start()

    # -- processes ---------------------------------------------------------
    def command(self):
        return [os.path.join(BUILD, "certwrightd"), "--data-dir", self.data,
                "--listen", "127.0.0.1:%d" % self.port] + self.options

    def start(self, timeout=60):
        self.process = subprocess.Popen(
            self.command(), stdout=subprocess.PIPE, stderr=self.log,
            stdin=subprocess.DEVNULL, env=self.env, cwd="/")
        os.set_blocking(self.process.stdout.fileno(), False)
        self.ready = ""
        end = time.monotonic() + timeout
        while "listening on" not in self.ready or not self.ready.endswith("\n"):
            if self.process.poll() is not None:
                raise RuntimeError("certwrightd ended with %s: %s" % (
                    self.process.returncode, self.errors()))
            if time.monotonic() > end:
                self.stop(signal.SIGKILL)
                raise RuntimeError("not ready: " + self.errors())
            piece = self.process.stdout.read()
            if piece:
                self.ready += piece.decode()
            else:
                time.sleep(0.01)
        return self

    def errors(self):
        with open(self.log.name, errors="replace") as f:
            return f.read()

    def keeper_pid(self):
        return self.child("certwright-keeper")

    def child(self, name):
        for pid in os.listdir("/proc"):
            if not pid.isdigit():
                continue
            try:
                with open("/proc/%s/stat" % pid) as f:
                    parent = int(f.read().rsplit(")", 1)[1].split()[1])
                with open("/proc/%s/cmdline" % pid) as f:
                    line = f.read()
            except OSError:
                continue
            if parent == self.process.pid and name in line:
                return int(pid)
        return None

    def stop(self, sig=signal.SIGTERM, timeout=20):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(sig)
        code = self.process.wait(timeout)
        self.process.stdout.close()
        self.process = None
        return code

    def restart(self):
        self.stop()
        return self.start()

    def at(self, seconds):
        """Restarted with its wall clock moved by so much; test builds only."""
        self.env["CERTWRIGHT_TEST_CLOCK_OFFSET"] = str(int(seconds))
        return self.restart()

    def close(self):
        try:
            self.stop(signal.SIGKILL)
        except Exception:
            pass
        if self.own and os.path.isdir(self.base):
            shutil.rmtree(self.base, ignore_errors=True)
        if os.path.exists(self.log.name):
            os.unlink(self.log.name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # -- asking ------------------------------------------------------------
    @property
    def url(self):
        return "https://127.0.0.1:%d" % self.port

    def setup_path(self):
        found = re.search(r"/setup/[A-Za-z0-9_-]+", self.ready)
        return found.group(0) if found else None

    def request(self, method, path, body=None, headers=None, unix=False, json_body=None,
                source=None):
        headers = dict(headers or {})
        if json_body is not None:
            body = json.dumps(json_body)
            headers["Content-Type"] = "application/json"
        if unix:
            c = UnixConnection(os.path.join(self.data, "certwright.sock"))
        else:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            c = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=60,
                                            source_address=source and (source, 0))
        try:
            c.request(method, path, body, headers)
            r = c.getresponse()
            return Answer(r.status, r.headers, r.read())
        finally:
            c.close()

    def api(self, method, path, json_body=None, **more):
        """Over the Unix socket, as the local administrator."""
        return self.request(method, "/api/v1" + path, json_body=json_body, unix=True, **more)

    def admin(self, name="root", password=PASSWORD):
        a = self.api("POST", "/accounts", {"name": name, "email": name + "@example.com",
                                           "password": password})
        assert a.status in (200, 201), a.text
        return a.json

    def regenerate(self, identity="portal", **fields):
        return self.api("POST", "/identities/%s/requests" % identity, dict(FIELDS, **fields))

    def check(self, *files, identity="portal", install=False, **more):
        """files: bytes, or (name, bytes)"""
        sent = []
        for i, f in enumerate(files):
            name, data = f if isinstance(f, tuple) else ("file%d" % i, f)
            sent.append({"name": name, "content": base64.b64encode(data).decode()})
        path = "/identities/%s/certificates%s" % (identity, "" if install else "/check")
        return self.api("POST", path, dict(more, files=sent))

    def install(self, *files, **more):
        return self.check(*files, install=True, **more)

    def served(self, port=None, name=None):
        """DER of the leaf that the listener presents, to who asks for this name."""
        context = ssl._create_unverified_context()
        with socket.create_connection(("127.0.0.1", port or self.port), timeout=20) as s:
            with context.wrap_socket(s, server_hostname=name) as t:
                return t.getpeercert(True)

    def cli(self, *args, stdin=None, json_out=False):
        command = [os.path.join(BUILD, "certwright"), "--data-dir", self.data] + list(args)
        if json_out:
            command.append("--json")
        return subprocess.run(command, input=stdin, capture_output=True, text=stdin is None or
                              isinstance(stdin, str), timeout=120, cwd="/")


class Browser:
    """A person without JavaScript: cookies, forms, redirects. source: the
    address they come from, 127.0.0.2 and so on."""

    def __init__(self, house, source=None):
        self.house = house
        self.source = source
        self.cookies = {}

    def go(self, method, path, body=None, headers=None, follow=True):
        headers = dict(headers or {})
        if self.cookies:
            headers["Cookie"] = "; ".join("%s=%s" % kv for kv in self.cookies.items())
        if method == "POST":
            headers.setdefault("Origin", self.house.url)
        a = self.house.request(method, path, body, headers, source=self.source)
        for cookie in a.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        if follow and a.status in (301, 302, 303, 307, 308):
            return self.go("GET", a.headers["Location"].replace(self.house.url, ""))
        a.path = path
        return a

    def get(self, path, **more):
        return self.go("GET", path, **more)

    def csrf(self, page):
        found = re.search(r'name="csrf" value="([^"]*)"', page.text)
        return found.group(1) if found else ""

    def post(self, path, fields, page=None, **more):
        from urllib.parse import urlencode
        fields = dict(fields)
        if page is not None:
            fields.setdefault("csrf", self.csrf(page))
        return self.go("POST", path, urlencode(fields, doseq=True),
                       {"Content-Type": "application/x-www-form-urlencoded"}, **more)

    def sign_in(self, name="root", password=PASSWORD):
        page = self.get("/super")
        return self.post("/sign-in", {"name": name, "password": password}, page)
