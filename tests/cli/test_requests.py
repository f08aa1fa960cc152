"""What the command line asks of the API, and what it makes of the answers:
against a server made here, over a Unix socket and over HTTPS."""

import base64
import hashlib
import http.server
import json
import os
import shutil
import socketserver
import ssl
import struct
import subprocess
import tempfile
import threading
import unittest

import tap
from ca import openssl
from house import BUILD

PEM = "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n"
SHEET = {"verdict": "same", "dispositions": [], "chain": [], "notes": [], "repairs": []}
PROBLEM = "application/problem+json"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def address_string(self):
        return "local"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, self.headers, body))
        status, kind, reply = self.server.reply(self.command, self.path)
        if not isinstance(reply, bytes):
            reply = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_POST = do_DELETE = do_PUT = answer


class Replies:
    """asked: what came; answers: path -> (status, type, body)."""

    def prepare(self):
        self.asked = []
        self.answers = {}

    def reply(self, method, path):
        return self.answers.get(path) or self.answers.get("*") or (200, "application/json", {})


class UnixServer(Replies, socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class TcpServer(Replies, socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True


def serve(server):
    server.prepare()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


class Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="cw-cli-")
        cls.server = serve(UnixServer(os.path.join(cls.dir, "certwright.sock"), Handler))

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        shutil.rmtree(cls.dir)

    def setUp(self):
        self.server.prepare()

    def file(self, name, data):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return path

    def run_cli(self, *args, stdin=b"", env=None, cwd="/"):
        return subprocess.run([os.path.join(BUILD, "certwright")] + list(args), input=stdin,
                              capture_output=True, timeout=60, cwd=cwd,
                              env=dict(os.environ, **(env or {})))

    def cli(self, *args, **more):
        return self.run_cli("--data-dir", self.dir, *args, **more)

    def good(self, *args, code=0, **more):
        r = self.cli(*args, **more)
        self.assertEqual(r.returncode, code, r.stderr.decode())
        if code == 0:
            self.assertEqual(r.stderr, b"")
        return r.stdout.decode()

    def ask(self, *args, answer=None, **more):
        """(method, path, body as JSON or None) of the one request of a command."""
        self.server.prepare()
        if answer is not None:
            self.server.answers["*"] = (200, "application/json", answer)
        self.good(*args, **more)
        self.assertEqual(len(self.server.asked), 1)
        method, path, headers, body = self.server.asked[0]
        if body:
            self.assertEqual(headers["Content-Type"], "application/json")
        return method, path, json.loads(body) if body else None


class Requests(Base):
    def test_each_command_asks_what_the_API_has(self):
        secret = self.file("secret", "s3cret")
        for line, want in {
            "admin list": ("GET", "/accounts", None),
            "admin enable u": ("POST", "/accounts/u/enable", None),
            "admin disable u": ("POST", "/accounts/u/disable", None),
            "admin delete u": ("DELETE", "/accounts/u", None),
            "admin reset-totp u": ("POST", "/accounts/u/reset-totp", None),
            "admin create --user u --email e@x --password-file SECRET":
                ("POST", "/accounts", {"name": "u", "email": "e@x", "password": "s3cret"}),
            "admin password u --password-file SECRET":
                ("POST", "/accounts/u/password", {"password": "s3cret"}),
            "token create": ("POST", "/tokens", {}),
            "token create --user u --days 30": ("POST", "/tokens", {"user": "u", "days": 30}),
            "token list": ("GET", "/tokens", None),
            "token revoke i": ("DELETE", "/tokens/i", None),
            "identity create n": ("POST", "/identities", {"name": "n"}),
            "identity list": ("GET", "/identities", None),
            "identity show n": ("GET", "/identities/n", None),
            "identity delete n": ("DELETE", "/identities/n", None),
            "key generate --type rsa:2048": ("POST", "/identities/portal/keys", {"type": "rsa:2048"}),
            "key generate --type ed25519 --exportable --identity n":
                ("POST", "/identities/n/keys", {"type": "ed25519", "exportable": True}),
            "key show": ("GET", "/identities/portal/key", None),
            "key show i": ("GET", "/keys/i", None),
            "key destroy i": ("DELETE", "/keys/i", None),
            "csr regenerate": ("POST", "/identities/portal/requests", {}),
            "csr regenerate --country US --state NJ --locality H --organization O --unit U "
            "--common-name cn.example --email e@x --digest sha384 --name a.example --name b.example":
                ("POST", "/identities/portal/requests",
                 {"country": "US", "state": "NJ", "locality": "H", "organization": "O", "unit": "U",
                  "common_name": "cn.example", "email": "e@x", "digest": "sha384",
                  "names": ["a.example", "b.example"]}),
            "csr regenerate --name= --unit= --identity n":
                ("POST", "/identities/n/requests", {"names": [], "unit": ""}),
            "csr show": ("GET", "/identities/portal/request", None),
            "csr show i": ("GET", "/requests/i", None),
            "csr list --identity n": ("GET", "/identities/n/requests", None),
            "certificate show": ("GET", "/identities/portal/certificate", None),
            "certificate show i": ("GET", "/certificates/i", None),
            "certificate list": ("GET", "/identities/portal/certificates", None),
            "certificate rollback": ("POST", "/identities/portal/rollback", {}),
            "certificate rollback --reason why": ("POST", "/identities/portal/rollback", {"reason": "why"}),
            "trust list": ("GET", "/trust", None),
            "trust add SECRET": ("POST", "/trust", {"content": base64.b64encode(b"s3cret").decode()}),
            "trust remove i": ("DELETE", "/trust/i", None),
            "component list": ("GET", "/components", None),
            "status": ("GET", "/status", None),
            "config show": ("GET", "/config", None),
            "audit list": ("GET", "/audit", None),
            "audit list --limit 5 --before 9 --text a&b": ("GET", "/audit?limit=5&before=9&text=a%26b", None),
        }.items():
            with self.subTest(line=line):
                words = [secret if w == "SECRET" else w for w in line.split()]
                method, path, body = want
                self.assertEqual(self.ask(*words), (method, "/api/v1" + path, body))
                self.server.prepare()
                json.loads(self.good(*words, "--json"))

    def test_files_go_up_with_their_names_and_what_belongs_to_them(self):
        one, two = self.file("one.pem", b"first"), self.file("two.zip", b"\x00\xff")
        secret = self.file("secret", "pass")
        want = {"files": [{"name": "one.pem", "content": base64.b64encode(b"first").decode()},
                          {"name": "two.zip", "content": base64.b64encode(b"\x00\xff").decode()}],
                "passphrase": "pass", "request": "r"}
        more = ["--passphrase-file", secret, "--request", "r", "--identity", "n"]
        self.assertEqual(self.ask("certificate", "check", one, two, *more, answer=SHEET),
                         ("POST", "/api/v1/identities/n/certificates/check", want))
        self.assertEqual(self.ask("certificate", "install", one, two, *more, "--override", "why",
                                  answer=dict(SHEET, id="i")),
                         ("POST", "/api/v1/identities/n/certificates", dict(want, override="why")))
        _, _, body = self.ask("certificate", "check", "-", answer=SHEET, stdin=b"piped")
        self.assertEqual(body["files"][0]["content"], base64.b64encode(b"piped").decode())

    def test_P12_a_key_goes_up_sealed(self):
        key, secret = self.file("k.pem", b"PRIVATE" * 40), self.file("secret", b"hush-hush")
        self.server.answers["/api/v1/import-key"] = (
            200, "application/json", {"key": base64.b64encode(os.urandom(32)).decode()})
        self.good("key", "import", key, "--passphrase-file", secret, "--identity", "n")
        self.assertEqual([a[:2] for a in self.server.asked], [
            ("GET", "/api/v1/import-key"), ("POST", "/api/v1/identities/n/keys/import")])
        body = json.loads(self.server.asked[1][3])
        self.assertEqual(list(body), ["sealed"])
        sealed = base64.b64decode(body["sealed"])
        self.assertGreater(len(sealed), 280)
        for part in (b"PRIVATE", b"hush"):
            self.assertNotIn(part, sealed)
        self.server.prepare()
        self.server.answers["/api/v1/import-key"] = (200, "application/json", {"key": "AAAA"})
        self.assertEqual(self.cli("key", "import", key).returncode, 1)
        self.assertEqual(len(self.server.asked), 1, "nothing is sent to what is no import key")

    def test_a_CSR_is_checked_as_it_is(self):
        self.server.answers["*"] = (200, "application/json", dict(SHEET, verdict="issue"))
        self.good("csr", "check", self.file("x.csr", b"\x30\x00"))
        method, path, headers, body = self.server.asked[0]
        self.assertEqual((method, path, body), ("POST", "/api/v1/csr/check", b"\x30\x00"))
        self.assertEqual(headers["Content-Type"], "application/pkcs10")

    def test_one_final_newline_of_a_secret_does_not_count(self):
        for data, want in ((b"pass", "pass"), (b"pass\n", "pass"), (b"pass\n\n", "pass\n"),
                           (b" pass ", " pass "), (b"", ""), ("pässe\n".encode(), "pässe")):
            path = self.file("p", data)
            _, _, body = self.ask("admin", "password", "u", "--password-file", path)
            self.assertEqual(body, {"password": want})
        _, _, body = self.ask("admin", "password", "u", "--password-file", "-", stdin=b"typed\n")
        self.assertEqual(body, {"password": "typed"})
        r = self.cli("admin", "password", "u", "--password-file", self.file("p", b"\xff\xfe"))
        self.assertEqual(r.returncode, 6)

    def test_a_name_cannot_leave_its_place_in_the_path(self):
        self.cli("admin", "delete", "../tokens/x?y#z")
        self.assertEqual(self.server.asked[0][1], "/api/v1/accounts/..%2Ftokens%2Fx%3Fy%23z")
        self.server.prepare()
        self.cli("admin", "delete", "..")
        self.assertEqual(self.server.asked[0][1], "/api/v1/accounts/..")


class Answers(Base):
    def problem(self, status, path="*", **members):
        body = dict({"type": "about:blank", "title": "Title", "status": status}, **members)
        self.server.answers[path] = (status, PROBLEM, body)

    def test_a_status_gives_its_exit_code_and_its_words(self):
        for status, code in {400: 6, 413: 6, 401: 7, 403: 7, 404: 8, 409: 9, 422: 5, 429: 10,
                             500: 1, 502: 11, 503: 11}.items():
            self.problem(status, detail="why it went wrong", hint="do this")
            r = self.cli("status")
            self.assertEqual(r.returncode, code, status)
            self.assertEqual(r.stdout, b"")
            self.assertEqual(r.stderr.decode(), "certwright: why it went wrong\nhint: do this\n")

    def test_the_field_at_fault_is_named_as_the_option(self):
        self.problem(400, detail="two letters", field="common_name")
        r = self.cli("csr", "regenerate", "--common-name", "x")
        self.assertEqual(r.stderr.decode(), "certwright: two letters (--common-name)\n")
        path = self.file("p", b"x")
        for field, option in (("name", "user"), ("password", "password-file"), ("email", "email")):
            self.problem(400, detail="why", field=field)
            r = self.cli("admin", "create", "--user", "u", "--email", "e", "--password-file", path)
            self.assertEqual(r.stderr.decode(), "certwright: why (--%s)\n" % option)
        self.problem(400, detail="why", field="files")
        self.assertEqual(self.cli("certificate", "check", path).stderr, b"certwright: why\n")

    def test_what_is_no_problem_document_is_still_an_error(self):
        self.server.answers["*"] = (404, "text/html", b"<h1>nothing</h1>")
        r = self.cli("status")
        self.assertEqual((r.returncode, r.stderr.decode()),
                         (8, "certwright: the server answered with status 404\n"))
        self.server.answers["*"] = (200, "text/html", b"<h1>hello</h1>")
        r = self.cli("status")
        self.assertEqual(r.returncode, 1)
        self.assertIn("not JSON", r.stderr.decode())
        self.server.answers["*"] = (302, "text/html", b"")
        self.assertEqual(self.cli("status").returncode, 1)

    def test_an_error_cannot_draw_on_the_terminal(self):
        self.problem(400, detail="a\x1b]0;title\x07b\u202ec")
        r = self.cli("status")
        self.assertNotIn(b"\x1b", r.stderr)
        self.assertNotIn("\u202e".encode(), r.stderr)

    def test_verdicts_give_their_exit_codes_with_and_without_JSON(self):
        path = self.file("f", b"x")
        for command, verdicts in (("certificate check", {"same": 0, "harmless": 3, "breaking": 5}),
                                  ("csr check", {"issue": 0, "amend": 3, "refuse": 5})):
            for verdict, code in verdicts.items():
                self.server.answers["*"] = (200, "application/json", dict(SHEET, verdict=verdict))
                out = self.good(*command.split(), path, "--json", code=code)
                self.assertEqual(json.loads(out)["verdict"], verdict)
                self.assertIn("Verdict: " + verdict, self.good(*command.split(), path, code=code))

    def test_install_ends_with_0_when_installed_and_5_when_refused(self):
        path = self.file("f", b"x")
        self.server.answers["*"] = (201, "application/json",
                                    dict(SHEET, verdict="harmless", id="cert1", installed=True))
        self.assertIn("\n\ninstalled: cert1\n", self.good("certificate", "install", path))
        self.assertEqual(json.loads(self.good("certificate", "install", path, "--json"))["id"], "cert1")
        self.problem(422, detail="the answer is breaking", **dict(SHEET, verdict="breaking"))
        r = self.cli("certificate", "install", path, "--json")
        self.assertEqual(r.returncode, 5)
        self.assertEqual(json.loads(r.stdout)["verdict"], "breaking")
        self.assertIn("the answer is breaking", r.stderr.decode())
        r = self.cli("certificate", "install", path)
        self.assertEqual(r.returncode, 5)
        self.assertIn("Verdict: breaking", r.stdout.decode())

    def test_a_subject_has_the_order_of_the_seven_fields(self):
        subject = {"CN": "c", "emailAddress": "e", "C": "US", "O": "o", "ST": "s", "OU": "u", "L": "l", "x": "y"}
        self.server.answers["/api/v1/identities/portal/request"] = (
            200, "application/json", {"id": "r1", "subject": subject})
        self.assertIn("C=US, ST=s, L=l, O=o, OU=u, CN=c, emailAddress=e, x=y\n", self.good("csr", "show"))

    def test_downloads_write_what_came(self):
        self.server.answers["/api/v1/identities/portal/request"] = (200, "application/json", {"id": "r1"})
        self.server.answers["/api/v1/requests/r1/pem"] = (200, "application/x-pem-file", PEM.encode())
        self.server.answers["/api/v1/requests/r1/der"] = (200, "application/pkcs10", b"\x30\x00\xff")
        self.assertEqual(self.good("csr", "download"), PEM)
        self.assertEqual(self.good("csr", "download", "-o", "-"), PEM)
        out = os.path.join(self.dir, "out")
        self.assertEqual(self.good("csr", "download", "--der", "-o", out), "")
        with open(out, "rb") as f:
            self.assertEqual(f.read(), b"\x30\x00\xff")
        said = json.loads(self.good("csr", "download", "r1", "-o", out, "--json"))
        self.assertEqual(said, {"file": out, "bytes": len(PEM)})
        self.server.answers["/api/v1/certificates/c/pem?chain=1"] = (200, "text/plain", b"leaf+chain")
        self.assertEqual(self.good("certificate", "download", "c", "--chain"), "leaf+chain")
        self.server.answers["/api/v1/audit/export"] = (200, "application/x-ndjson", b"{}\n")
        self.assertEqual(self.good("audit", "export"), "{}\n")
        self.assertEqual(self.cli("csr", "download", "-o", "/nonexistent/x").returncode, 2)
        pipe = os.path.join(self.dir, "pipe")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDWR)
        self.good("csr", "download", "r1", "-o", pipe)
        self.assertEqual(os.read(reader, 65536), PEM.encode(), "written to, not replaced")
        os.close(reader)

    def test_M34_an_exported_key_is_for_its_owner_only(self):
        self.server.answers["*"] = (200, "application/json", {"pem": "KEY"})
        out = os.path.join(self.dir, "key.pem")
        self.good("key", "export", "k", "--passphrase-file", self.file("p", b"x\n"), "-o", out)
        self.assertEqual(json.loads(self.server.asked[0][3]), {"passphrase": "x"})
        self.assertEqual(os.stat(out).st_mode & 0o777, 0o600)

    def test_audit_verify_over_the_API(self):
        self.server.answers["*"] = (200, "application/json", {"whole": True, "message": "whole"})
        self.assertIn("whole", self.good("audit", "verify"))
        self.server.answers["*"] = (200, "application/json", {"whole": False, "message": "event 3"})
        self.assertIn("event 3", self.good("audit", "verify", code=5))
        self.assertEqual(self.cli("audit", "verify", "--head", "1:00").returncode, 2)

    def test_files_that_cannot_be_used_are_invalid_input(self):
        big = self.file("big", b"x" * (256 * 1024 + 1))
        for args in (["csr", "check", "/nonexistent"], ["csr", "check", self.dir],
                     ["certificate", "check", big], ["certificate", "check"] + [big] * 17,
                     ["csr", "check", self.file("c", b"x" * 65537)],
                     ["admin", "password", "u", "--password-file", "/nonexistent"]):
            r = self.cli(*args)
            self.assertEqual(r.returncode, 6, args)
            self.assertTrue(r.stderr.decode().startswith("certwright: "))
        half = self.file("half", b"x" * 200000)
        self.assertEqual(self.cli("certificate", "check", half, half, half, half).returncode, 6)
        self.assertEqual(self.server.asked, [])


class Reaching(Base):
    def test_a_daemon_that_is_not_there(self):
        with tempfile.TemporaryDirectory() as empty:
            r = self.run_cli("--data-dir", empty, "status")
            self.assertEqual((r.returncode, r.stdout), (11, b""))
            self.assertIn("certwright: could not reach the daemon at %s/certwright.sock: "
                          "No such file" % empty, r.stderr.decode())
            self.assertIn("hint: start it", r.stderr.decode())
            # a socket that nobody listens on
            dead = UnixServer(os.path.join(empty, "certwright.sock"), Handler)
            dead.server_close()
            r = self.run_cli("--data-dir", empty, "status")
            self.assertEqual(r.returncode, 11)
            self.assertIn("refused", r.stderr.decode())

    @unittest.skipUnless(os.geteuid() == 0, "wants a second user")
    def test_a_socket_of_somebody_else_is_denied_with_a_hint(self):
        os.chmod(self.dir, 0o755)
        os.chmod(os.path.join(self.dir, "certwright.sock"), 0o600)
        r = subprocess.run([os.path.join(BUILD, "certwright"), "--data-dir", self.dir, "status"],
                           capture_output=True, user=65534, group=65534, cwd="/")
        self.assertEqual(r.returncode, 7, r.stderr)
        self.assertIn("permission denied", r.stderr.decode())
        self.assertIn("hint: ", r.stderr.decode())

    def test_the_data_directory_is_found(self):
        self.assertEqual(self.run_cli("status", env={"CERTWRIGHT_DATA_DIR": self.dir}).returncode, 0)
        with tempfile.TemporaryDirectory() as top:
            os.symlink(self.dir, os.path.join(top, "data"))
            env = {"CERTWRIGHT_DATA_DIR": ""}
            self.assertEqual(self.run_cli("status", cwd=top, env=env).returncode, 0)
            r = self.run_cli("status", cwd="/", env=env)
            self.assertIn("/var/lib/certwright", r.stderr.decode())

    def test_a_path_longer_than_a_socket_address(self):
        deep = os.path.join(self.dir, "d" * 100, "e" * 100)
        os.makedirs(deep)
        os.symlink(os.path.join(self.dir, "certwright.sock"), os.path.join(deep, "certwright.sock"))
        self.assertEqual(self.run_cli("--data-dir", deep, "status").returncode, 0)

    def test_no_proxy_is_asked(self):
        self.assertEqual(self.cli("status", env={"http_proxy": "http://127.0.0.1:1",
                                                 "ALL_PROXY": "http://127.0.0.1:1"}).returncode, 0)


class Server(Base):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = os.path.join(cls.dir, "server.key")
        cls.cert = os.path.join(cls.dir, "server.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", cls.key, "-out", cls.cert, "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost")
        cls.tls = serve(TcpServer(("127.0.0.1", 0), Handler))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cls.cert, cls.key)
        cls.tls.socket = context.wrap_socket(cls.tls.socket, server_side=True)
        cls.url = "https://localhost:%d" % cls.tls.server_address[1]
        with open(cls.cert) as f:
            cls.print = hashlib.sha256(ssl.PEM_cert_to_DER_cert(f.read())).hexdigest()

    @classmethod
    def tearDownClass(cls):
        cls.tls.shutdown()
        cls.tls.server_close()
        super().tearDownClass()

    def remote(self, *args, url=None):
        self.tls.prepare()
        token = self.file("token", "abc-DEF_123\n")
        return self.run_cli("--server", url or self.url, "--token-file", token, "status", *args)

    def test_a_stranger_gets_no_token(self):
        r = self.remote()
        self.assertEqual(r.returncode, 11)
        self.assertIn("not trusted", r.stderr.decode())
        self.assertIn("--fingerprint", r.stderr.decode())
        self.assertEqual(self.tls.asked, [])

    def test_a_CA_file_makes_it_trusted_for_its_name(self):
        r = self.remote("--ca-file", self.cert)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(self.tls.asked[0][2]["Authorization"], "Bearer abc-DEF_123")
        r = self.remote("--ca-file", self.cert, url=self.url.replace("localhost", "127.0.0.1"))
        self.assertEqual(r.returncode, 11)
        self.assertEqual(self.remote("--ca-file", "/nonexistent").returncode, 6)

    def test_a_fingerprint_trusts_this_certificate_and_no_other(self):
        colons = ":".join(self.print[i:i + 2] for i in range(0, 64, 2)).upper()
        for p in (self.print, colons):
            r = self.remote("--fingerprint", p, url=self.url.replace("localhost", "127.0.0.1") + "/")
            self.assertEqual(r.returncode, 0, r.stderr)
            self.assertEqual(self.tls.asked[0][1], "/api/v1/status")
        other = ("0" if self.print[0] != "0" else "1") + self.print[1:]
        self.assertEqual(self.remote("--fingerprint", other).returncode, 11)
        self.assertEqual(self.tls.asked, [])
        self.assertEqual(self.remote("--fingerprint", "12").returncode, 2)

    def test_a_token_does_not_travel_in_clear(self):
        self.assertEqual(self.remote(url="http://localhost:1").returncode, 2)
        self.assertEqual(self.remote(url="localhost:1").returncode, 2)

    def test_a_token_file_holds_a_token(self):
        for data in (b"two\nlines\n", b"with space", b"x\r\nInjected: yes\n"):
            r = self.run_cli("--server", self.url, "--token-file", self.file("t", data), "status")
            self.assertEqual(r.returncode, 6)

    def test_nobody_listens(self):
        r = self.remote(url="https://localhost:1")
        self.assertEqual(r.returncode, 11)
        self.assertIn("could not reach https://localhost:1", r.stderr.decode())


class Usage(Base):
    def test_help_and_version_on_every_level(self):
        for level in ([], ["csr"], ["csr", "regenerate"], ["status"]):
            self.assertTrue(self.good(*level, "--help").startswith("usage: certwright"))
            self.assertRegex(self.good(*level, "--version"), r"^certwright \d+\.\d+\.\d+\n$")
        self.assertEqual(self.server.asked, [])

    def test_wrong_use_ends_with_2(self):
        for args in ([], ["nonsense"], ["csr"], ["csr", "nonsense"], ["csr", "check"],
                     ["key", "generate"], ["status", "word"], ["status", "--nonsense"],
                     ["token", "create", "--days", "many"], ["token", "create", "--days", "-1"]):
            r = self.cli(*args)
            self.assertEqual((r.returncode, r.stdout), (2, b""), args)
            self.assertTrue(r.stderr.decode().startswith("certwright: "), args)

    def test_a_full_disk_is_said(self):
        with open("/dev/full", "w") as full:
            r = subprocess.run([os.path.join(BUILD, "certwright"), "--help"], stdout=full,
                               stderr=subprocess.PIPE)
        self.assertEqual(r.returncode, 1)
        self.assertIn(b"could not write the answer", r.stderr)

    def test_the_completion_works_in_bash(self):
        script = self.file("completion", self.good("--completion"))
        self.assertEqual(subprocess.run(["bash", "-n", script]).returncode, 0)

        def complete(*words):
            code = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _certwright; echo "${COMPREPLY[*]}"'
            return subprocess.run(["bash", "-c", code, script] + list(words), capture_output=True,
                                  text=True).stdout.split()
        self.assertIn("certificate", complete("certwright", ""))
        self.assertEqual(complete("certwright", "cs"), ["csr"])
        self.assertEqual(complete("certwright", "csr", "reg"), ["regenerate"])
        self.assertEqual(complete("certwright", "--data-dir", "/x", "csr", "regenerate", "--common"),
                         ["--common-name"])
        self.assertEqual(complete("certwright", "key", "generate", "--type", "rsa", ":", "4"), ["4096"])
        self.assertIn("--json", complete("certwright", "status", "--"))


class Offline(Base):
    """Exports made here, by the description in base/audit_chain.h."""

    TEXTS = ("tenant", "actor", "role", "source", "action", "object", "outcome", "detail")

    def export(self, count=4):
        """Lines of an export with a head signed by a key of ours; heads by sequence."""
        previous, lines, heads = b"\0" * 32, [], {}
        for n in range(1, count + 1):
            event = dict(zip(self.TEXTS, ("system", "root", "super", "local", "csr.regenerate",
                                          "portal", "done", "event %d" % n)))
            blob = previous + struct.pack(">QQ", n, 1700000000000 + n)
            for name in self.TEXTS:
                text = event[name].encode()
                blob += struct.pack(">I", len(text)) + text
            previous = hashlib.sha256(blob).digest()
            lines.append(json.dumps(dict(event, sequence=n, at_ms=1700000000000 + n, at="2023-11-14T22:13:20Z",
                                         hash=previous.hex())))
            heads[n] = "%d:%s" % (n, previous.hex())
        key = os.path.join(self.dir, "audit.key")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        signature = openssl("dgst", "-sha256", "-sign", key, stdin=b"certwright audit head\n" +
                            struct.pack(">Q", count) + previous)
        lines.append(json.dumps({"head": {
            "sequence": count, "hash": previous.hex(),
            "key": base64.b64encode(openssl("pkey", "-in", key, "-pubout", "-outform", "DER")).decode(),
            "signature": base64.b64encode(signature).decode()}}))
        return lines, heads

    def verify(self, lines, *args):
        path = self.file("export", "".join(line + "\n" for line in lines))
        return self.run_cli("audit", "verify", path, *args)

    def test_P29_a_whole_export_is_whole_without_any_daemon(self):
        lines, heads = self.export()
        r = self.verify(lines)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertIn("head: " + heads[4], r.stdout.decode())
        self.assertIn("not seen without --head", r.stdout.decode())
        for n in heads:
            r = self.verify(lines, "--head", heads[n])
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        said = json.loads(self.verify(lines, "--json", "--head", heads[2]).stdout)
        self.assertEqual((said["verdict"], said["whole"], said["events"]), ("whole", True, 4))
        self.assertIsNone(said["place"])

    def test_P29_each_change_is_found_and_its_place_named(self):
        lines, heads = self.export()
        later, later_heads = self.export(5)
        for what, changed, args, place in (
                ("edited", [lines[0], lines[1].replace("event 2", "event X")] + lines[2:], [], "event 2"),
                ("removed", lines[:1] + lines[2:], [], "line 2"),
                ("reordered", [lines[1], lines[0]] + lines[2:], [], "line 1"),
                ("tail cut with the head", lines[:-1], [], "signed head is missing"),
                ("tail cut, head kept", lines[:2] + lines[-1:], [], "line 3"),
                ("an older export", lines, ["--head", later_heads[5]], "tail was cut"),
                ("another history", later, ["--head", "2:" + "0" * 64], "event 2"),
                ("another time for people", [lines[0], lines[1].replace('"at": "20', '"at": "19')] + lines[2:], [],
                 "event 2"),
                ("a member more", [lines[0], lines[1][:-1] + ', "note": "approved"}'] + lines[2:], [], "event 2"),
                ("cut inside a line", lines[:2] + [lines[2][:40]], [], "line 3")):
            with self.subTest(what=what):
                r = self.verify(changed, *args)
                self.assertEqual(r.returncode, 5, r.stdout + r.stderr)
                self.assertIn(place, r.stdout.decode())
                said = json.loads(self.verify(changed, "--json", *args).stdout)
                self.assertEqual((said["verdict"], said["whole"]), ("broken", False))

    def test_what_is_no_export_is_unreadable(self):
        for data in (b"", b"hello\n", b"{}\n", b"\x00\xff"):
            r = self.run_cli("audit", "verify", self.file("a", data))
            self.assertEqual((r.returncode, r.stdout), (6, b""), data)
        self.assertEqual(self.run_cli("audit", "verify", "/nonexistent").returncode, 6)
        r = self.run_cli("audit", "verify", self.file("a", b"hello\n"), "--json")
        self.assertEqual(json.loads(r.stdout)["verdict"], "unreadable")
        self.assertEqual(self.run_cli("audit", "verify", self.file("a", b"hello\n"), "--head", "x").returncode, 6)


if __name__ == "__main__":
    tap.main()
