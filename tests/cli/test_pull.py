"""component pull: a host makes its key, and fetches the certificate for it."""

import hashlib
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import unittest

import tap
from ca import openssl
from house import BUILD, House, free_port

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
