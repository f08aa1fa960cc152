"""component pull: a host makes its key, and fetches the certificate for it."""

import hashlib
import os
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import unittest

import tap
from ca import openssl
from house import BUILD, PASSWORD, SEAMS, Browser, House, free_port
from tenant import Tenant

NAMES = ("gw.vc.example.com", "*.GW.vc.example.com")


class Pull(unittest.TestCase):
    def setUp(self):
        self.house = House()
        self.dir = tempfile.mkdtemp(prefix="pull-")
        self.out = os.path.join(self.dir, "out")
        self.house.admin()
        self.ok("ca", "create", "--name", "inner", "--permit", "vc.example.com")
        token = self.house.api("POST", "/tokens", {"user": "root"}).json["token"]
        self.token = self.file("token", token + "\n")
        self.ran = os.path.join(self.dir, "ran")
        self.list = self.file("list", "# what may run\nreload /usr/bin/touch %s\n"
                              "fail /bin/false\n" % self.ran)

    def tearDown(self):
        self.house.close()
        shutil.rmtree(self.dir)

    def file(self, name, text, mode=0o600):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def ok(self, *args):
        r = self.house.cli(*args)
        self.assertEqual(r.returncode, 0, r.stderr)
        return r.stdout

    def add(self, name, *names, authority="inner", more=()):
        """A component whose host pulls: its token, in a file."""
        args = ["component", "add-pull", name, "--authority", authority]
        for n in names:
            args += ["--name", n]
        out = self.ok(*args, *more)
        return self.file("token", re.search(r"cwp_[\w-]+", out).group(0) + "\n")

    def with_token(self, method, path, token=None, **more):
        if token is None:
            with open(self.token, encoding="ascii") as f:
                token = f.read().strip()
        return self.house.request(method, "/api/v1" + path,
                                  headers={"Authorization": "Bearer " + token}, **more)

    def shown(self, name):
        return self.house.api("GET", "/components/" + name).json

    def pull(self, *more, names=NAMES, authority="inner"):
        print_ = hashlib.sha256(self.house.served()).hexdigest()
        args = [os.path.join(BUILD, "certwright"), "--server", self.house.url, "--token-file",
                self.token, "--fingerprint", print_, "component", "pull", "--authority",
                authority, "--out", self.out, "--exec-list-file", self.list]
        for name in names:
            args += ["--name", name]
        return subprocess.run(args + list(more), capture_output=True, text=True, timeout=120,
                              check=False)

    def here(self, name):
        with open(os.path.join(self.out, name), encoding="ascii") as f:
            return f.read()

    def code(self, r, code, part=""):
        self.assertEqual(r.returncode, code, r.stdout + r.stderr)
        self.assertIn(part, r.stdout + r.stderr)

    def test_M17_the_key_is_made_here_and_only_the_request_leaves(self):
        self.code(self.pull("--exec-list", "reload"), 0, "pulled")
        self.assertTrue(os.path.exists(self.ran))
        key = os.path.join(self.out, "key.pem")
        self.assertEqual(os.stat(key).st_mode & 0o777, 0o600)
        self.assertEqual(openssl("pkey", "-in", key, "-pubout"),
                         openssl("x509", "-in", os.path.join(self.out, "cert.pem"), "-noout",
                                 "-pubkey"))
        self.assertEqual(self.here("fullchain.pem"), self.here("cert.pem") + self.here("chain.pem"))
        text = openssl("x509", "-in", os.path.join(self.out, "cert.pem"), "-noout", "-ext",
                       "subjectAltName").decode()
        for name in NAMES:
            self.assertIn(name.lower(), text)
        self.assertFalse(os.path.exists(os.path.join(self.out, "pending")))

    def test_nothing_is_due_until_it_is_and_force_renews(self):
        self.code(self.pull("--type", "rsa:2048"), 0)
        first = self.here("cert.pem")
        self.code(self.pull(), 0, "nothing is due")
        self.assertEqual(self.here("cert.pem"), first)
        self.code(self.pull("--force"), 0, "pulled")
        self.assertNotEqual(self.here("cert.pem"), first)
        with open(os.path.join(self.out, "previous/cert.pem"), encoding="ascii") as f:
            self.assertEqual(f.read(), first)
        # other names than those of the certificate are due at once
        self.code(self.pull(names=("other.vc.example.com",)), 0, "pulled")
        self.assertEqual(len([d for d in os.listdir(self.out) if d.startswith("gen-")]), 2)

    def test_what_is_refused_says_why_and_leaves_nothing(self):
        self.code(self.pull(names=("www.example.org",)), 5, "www.example.org")
        self.assertEqual(os.listdir(self.out), [])

    def test_V42_a_failing_program_brings_the_pair_before_back_and_asks_for_no_second(self):
        self.code(self.pull(), 0)
        first = self.here("cert.pem")
        self.code(self.pull("--force", "--exec-list", "fail"), 1,
                  "the certificate before is in place again")
        self.assertEqual(self.here("cert.pem"), first)
        issued = len(self.house.api("GET", "/submissions").json["submissions"])
        self.code(self.pull("--exec-list", "fail"), 1, "/bin/false ended with 1")
        self.code(self.pull("--exec-list", "reload"), 0, "pulled")
        self.assertNotEqual(self.here("cert.pem"), first)
        self.assertEqual(len(self.house.api("GET", "/submissions").json["submissions"]), issued)

    def test_what_waits_is_asked_for_again_with_the_same_request(self):
        self.code(self.pull(authority="public-dv"), 4, "waits for an answer")
        csr = self.here("pending/request.pem")
        key = self.here("pending/key.pem")
        self.code(self.pull(authority="public-dv"), 4)
        self.assertEqual((self.here("pending/request.pem"), self.here("pending/key.pem")),
                         (csr, key))
        one = self.house.api("GET", "/submissions").json["submissions"]
        self.assertEqual(len(one), 1)
        self.house.api("POST", "/submissions/%s/withdraw" % one[0]["id"])
        self.code(self.pull(authority="public-dv"), 5, "withdrawn")
        self.assertEqual(os.listdir(self.out), [])

    def test_the_answer_that_was_lost_comes_again(self):
        self.code(self.pull(authority="public-dv"), 4)
        os.unlink(os.path.join(self.out, "pending/id"))
        self.code(self.pull(authority="public-dv"), 4)
        self.assertEqual(len(self.house.api("GET", "/submissions").json["submissions"]), 1)

    def test_a_request_that_is_not_there_any_more_is_made_anew(self):
        self.code(self.pull(authority="public-dv"), 4)
        # as after another token, or an older database: it is nobody's request here
        with open(os.path.join(self.out, "pending/id"), "w", encoding="ascii") as f:
            f.write("0" * 26)
        self.code(self.pull(authority="public-dv"), 8, "the next run makes a new one")
        self.assertEqual(os.listdir(self.out), [])
        self.code(self.pull(authority="public-dv"), 4, "waits for an answer")

    def test_a_certificate_of_another_authority_is_not_taken(self):
        key = os.path.join(self.dir, "k")
        openssl("genpkey", "-algorithm", "ED25519", "-out", key)
        other = os.path.join(self.dir, "other.pem")
        openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=Other", "-out", other)
        self.code(self.pull("--issuer-file", other), 5, "is not what was asked for")
        self.assertFalse(os.path.exists(os.path.join(self.out, "current")))
        root = self.file("root.pem", self.ok("ca", "show", "inner"))
        self.code(self.pull("--issuer-file", root), 0)

    def test_P35_an_exec_list_that_others_can_write_is_not_read(self):
        os.chmod(self.list, 0o666)
        self.code(self.pull("--exec-list", "reload"), 2, "nobody else can write")
        os.chmod(self.list, 0o600)
        self.code(self.pull("--exec-list", "nothing"), 2, "no program of that name")
        self.assertFalse(os.path.exists(self.out))

    def test_V42_a_host_pulls_with_a_token_of_its_own_and_the_list_says_so(self):
        self.add("gw", *NAMES)
        c = self.shown("gw")
        self.assertEqual((c["kind"], c["type"], c["status"], c["identity"], c["target"]),
                         ("pull", "pull", "no-certificate", None, None))
        self.assertIn("run certwright component pull on its host", c["next"])
        self.code(self.pull(), 0, "pulled")
        c = self.shown("gw")
        der = ssl.PEM_cert_to_DER_cert(self.here("cert.pem"))
        self.assertEqual(c["delivered_sha256"], hashlib.sha256(der).hexdigest())
        self.assertTrue(c["delivered"])
        self.assertEqual((c["status"], c["authority"], sorted(c["names"])),
                         ("fine", "inner", sorted(n.lower() for n in NAMES)))
        self.assertIn("pulled again from", c["next"])
        self.assertRegex(self.ok("component", "list"), r"gw +pull ")
        # fewer names are its own, too
        self.code(self.pull("--force", names=NAMES[:1]), 0, "pulled")
        events = self.house.api("GET", "/audit?limit=50").json["events"]
        self.assertEqual([(e["action"], e["role"]) for e in events if e["actor"] == "pull:gw"],
                         [("certificate.issue", "")] * 2)

    def test_the_token_of_a_component_may_do_nothing_else(self):
        self.ok("ca", "create", "--name", "second", "--permit", "vc.example.com")
        self.add("gw", NAMES[0], more=("--days", "20"))
        self.code(self.pull("--days", "20", names=NAMES[:1]), 0)
        for names in (NAMES, ("other.vc.example.com",)):
            self.code(self.pull("--force", names=names), 7, "the token of gw is not for the name")
        self.code(self.pull("--force", names=NAMES[:1], authority="second"), 7,
                  "is not for the authority second")
        self.code(self.pull("--force", "--profile", "client", names=NAMES[:1]), 7,
                  "is not for the profile client")
        self.code(self.pull("--force", "--days", "21", names=NAMES[:1]), 7,
                  "is not for the number of days 21")
        key = os.path.join(self.dir, "k")
        openssl("genpkey", "-algorithm", "ED25519", "-out", key)
        for subject in ("/O=Other", "/CN=other.vc.example.com"):
            csr = openssl("req", "-new", "-key", key, "-subj", subject, "-addext",
                          "subjectAltName=DNS:" + NAMES[0])
            a = self.with_token("POST", "/authorities/inner/requests",
                                json_body={"csr": csr.decode()})
            self.assertEqual((a.status, a.json["id"]), (403, "pull.not-its-own"), a.text)
        mine = self.house.api("GET", "/submissions").json["submissions"]
        self.assertEqual(len(mine), 1)
        self.assertEqual(self.with_token("GET", "/submissions/" + mine[0]["id"]).status, 200)
        # what others sent does not exist for it
        csr = openssl("req", "-new", "-key", key, "-subj", "/CN=" + NAMES[0], "-addext",
                      "subjectAltName=DNS:" + NAMES[0]).decode()
        a = self.house.api("POST", "/authorities/inner/requests", {"csr": csr})
        self.assertEqual(a.status, 201, a.text)
        none = self.with_token("GET", "/submissions/" + "0" * 26)
        foreign = self.with_token("GET", "/submissions/" + a.json["id"])
        self.assertEqual((foreign.status, foreign.json["id"], foreign.json["detail"]),
                         (none.status, none.json["id"], none.json["detail"]))
        self.assertEqual(foreign.status, 404)

    def test_P22_a_token_of_a_tenant_acts_there_and_for_its_own_names(self):
        t = Tenant(self.house, "acme")
        body = {"name": "gw", "authority": "inner", "names": ["gw.acme.vc.example.com"]}
        self.assertEqual(t.inside("POST", "/components/pull", body).json["id"],
                         "names.foreign")
        self.assertEqual(t.inside("POST", "/names", {"name": "acme.vc.example.com"}).status, 201)
        self.assertEqual(t.api("POST", "/components/pull", body).status, 403)
        a = t.inside("POST", "/components/pull", body)
        self.assertEqual(a.status, 201, a.text)
        self.token = self.file("token", a.json["token"] + "\n")
        self.code(self.pull(names=("gw.acme.vc.example.com",)), 0, "pulled")
        self.assertEqual(t.api("GET", "/components/gw").json["status"], "fine")
        self.assertEqual(self.house.api("GET", "/components/gw").status, 404)
        self.assertEqual(len(t.api("GET", "/submissions").json["submissions"]), 1)
        self.assertEqual(self.with_token("GET", "/t/acme/submissions").status, 403)
        self.house.api("POST", "/tenants/acme/suspend")
        self.code(self.pull("--force", names=("gw.acme.vc.example.com",)), 7, "is suspended")

    def test_the_portal_shows_the_token_once_with_what_to_run(self):
        b = Browser(self.house)
        b.sign_in("root", PASSWORD)
        page = b.get("/components/pull")
        self.assertEqual((page.status, page.path), (200, "/components/pull"))
        page = b.post("/components/pull", {"name": "pull", "authority": "inner",
                                           "names": "gw.vc.example.com"}, page)
        self.assertIn("No component is called pull: a page has this name.", page.text)
        page = b.post("/components/pull", {"name": "gw", "authority": "inner",
                                           "names": "gw.vc.example.com\n*.gw.vc.example.com"}, page)
        self.assertEqual(page.status, 200, page.text)
        token = re.search(r"cwp_[\w-]{43}", page.text).group(0)
        self.assertIn("component pull --authority inner --name", page.text)
        self.token = self.file("token", token + "\n")
        self.code(self.pull(), 0, "pulled")
        self.assertNotIn(token, b.get("/components/pull").text + b.get("/components/gw").text)

    def test_its_token_ends_with_the_component(self):
        self.add("gw", *NAMES)
        self.code(self.pull(), 0)
        self.assertEqual(self.house.api("POST", "/components/gw/deliver").json["id"],
                         "component.pulls")
        self.assertEqual(self.house.api("POST", "/components/gw/check").json["id"],
                         "component.pulls")
        self.ok("component", "remove", "gw")
        self.code(self.pull("--force"), 7, "it ends with its component")
        self.assertEqual(self.with_token("GET", "/submissions/x", token="cwp_" + "A" * 43).status,
                         401)

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_a_host_that_does_not_come_is_told_of(self):
        self.add("gw", *NAMES, more=("--days", "20"))
        self.code(self.pull(), 0)

        def told():
            return [a["message"] for a in self.house.api("GET", "/components").json["attention"]
                    if a["id"] == "not-pulled"]
        self.assertEqual(told(), [])
        self.house.at(15 * 86400)
        self.assertEqual(told(), [])
        self.assertEqual(self.shown("gw")["status"], "renewal-due")
        self.house.at(18 * 86400)
        self.assertIn("The certificate that gw pulled ends in", told()[0])
        self.house.at(21 * 86400)
        self.assertIn("The certificate that gw pulled ended", told()[0])
        self.assertEqual(self.shown("gw")["status"], "expired")

    @unittest.skipUnless(shutil.which("nginx", path="/usr/sbin:/usr/bin"), "no nginx")
    def test_V42_nginx_is_reloaded_and_presents_what_was_pulled(self):
        port = free_port()
        conf = self.file("nginx.conf", """
pid %(d)s/nginx.pid; error_log %(d)s/error.log; daemon off; worker_processes 1;
events {}
http { access_log off; client_body_temp_path %(d)s/a; proxy_temp_path %(d)s/b;
 fastcgi_temp_path %(d)s/c; uwsgi_temp_path %(d)s/e; scgi_temp_path %(d)s/f;
 server { listen 127.0.0.1:%(p)d ssl; ssl_certificate %(d)s/out/fullchain.pem;
  ssl_certificate_key %(d)s/out/key.pem; } }
""" % {"d": self.dir, "p": port}, 0o644)
        self.file("list", "nginx /usr/sbin/nginx -c %s -s reload\n" % conf)
        self.code(self.pull(), 0)
        nginx = subprocess.Popen(["/usr/sbin/nginx", "-c", conf], stderr=subprocess.DEVNULL)
        try:
            first = self.presented(port)
            self.assertEqual(first, self.here("cert.pem"))
            self.code(self.pull("--force", "--exec-list", "nginx"), 0)
            end = time.monotonic() + 20
            # a worker of before may take connections until it has ended
            now = self.presented(port)
            while now != self.here("cert.pem") and time.monotonic() < end:
                time.sleep(0.05)
                now = self.presented(port)
            self.assertEqual(now, self.here("cert.pem"))
        finally:
            nginx.send_signal(signal.SIGTERM)
            nginx.wait(20)

    def presented(self, port):
        end = time.monotonic() + 20
        while True:
            try:
                return ssl.get_server_certificate(("127.0.0.1", port))
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)


if __name__ == "__main__":
    tap.main()
