"""nginx asks our plain HTTP responder and staples what it says; OpenSSL as a
client asks for it."""

import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import tap
from ca import openssl
from house import House, free_port


class Nginx:
    """One worker; ended by its process id."""

    def __init__(self, chain, key, above):
        self.dir = tempfile.mkdtemp(prefix="nginx-")
        self.port = free_port()
        self.log = os.path.join(self.dir, "error.log")
        for name, data in (("chain.pem", chain), ("key.pem", key), ("above.pem", above)):
            with open(os.path.join(self.dir, name), "w", encoding="ascii") as f:
                f.write(data)
        with open(os.path.join(self.dir, "nginx.conf"), "w", encoding="ascii") as f:
            f.write("""worker_processes 1; pid %s/pid; error_log %s info; daemon off; %s
events { worker_connections 64; }
http { access_log off; client_body_temp_path %s; proxy_temp_path %s; fastcgi_temp_path %s; uwsgi_temp_path %s;
scgi_temp_path %s;
server { listen 127.0.0.1:%d ssl; ssl_certificate chain.pem; ssl_certificate_key key.pem; ssl_stapling on;
ssl_stapling_verify on; ssl_trusted_certificate above.pem; return 204; } }
""" % (self.dir, self.log, "user root;" if os.getuid() == 0 else "", *[self.dir] * 5, self.port))
        self.start()

    def start(self):
        self.process = subprocess.Popen(["nginx", "-p", self.dir, "-c", "nginx.conf", "-e", self.log],
                                        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def close(self):
        self.stop()
        shutil.rmtree(self.dir)

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def asked(self, root):
        """What a client that asks for a status is told; "" while nothing listens."""
        r = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % self.port, "-status", "-CAfile", root,
                            "-servername", "www.example.com", "-verify_return_error"],
                           capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)
        return r.stdout if "Verification: OK" in r.stdout else ""

    def wait(self, root, words, seconds=15):
        """nginx asks after the first handshake; a later one has the answer."""
        end, got = time.monotonic() + seconds, ""
        while time.monotonic() < end:
            got = self.asked(root)
            if words in got:
                break
            time.sleep(0.1)
        return got


@unittest.skipUnless(shutil.which("nginx"), "nginx is not installed")
class Stapling(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(options=["--http-listen", "127.0.0.1:%d" % free_port()])
        cls.house.admin("root")
        cls.dir = tempfile.mkdtemp(prefix="stapling-")

    @classmethod
    def tearDownClass(cls):
        cls.house.close()
        shutil.rmtree(cls.dir)

    def server(self, kind):
        """(nginx, serial, path of the root, root and issuing CA) with an authority of this kind of key."""
        name = kind.replace(":", "-")
        ca = self.house.api("POST", "/cas", {"name": name, "type": kind}).json
        key = os.path.join(self.dir, name + ".key")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        csr = openssl("req", "-new", "-key", key, "-subj", "/CN=www.example.com", "-addext",
                      "subjectAltName=DNS:www.example.com").decode()
        a = self.house.api("POST", "/authorities/%s/requests" % name, {"csr": csr})
        self.assertEqual(a.status, 201, a.text)
        root = os.path.join(self.dir, name + ".pem")
        with open(root, "w", encoding="ascii") as f:
            f.write(ca["root"])
        with open(key, encoding="ascii") as f:
            server = Nginx("".join(a.json["chain"]), f.read(), ca["issuing"] + ca["root"])
        self.addCleanup(server.close)
        return server, a.json["serial"], root

    def staple(self, kind):
        server, serial, root = self.server(kind)
        got = server.wait(root, "OCSP Response Status: successful")
        self.assertIn("OCSP Response Status: successful (0x0)", got, server.said())
        self.assertIn("Cert Status: good", got)
        self.assertEqual(int(re.search(r"Serial Number: (\w+)", got).group(1), 16), int(serial, 16))
        self.assertNotRegex(server.said(), r"\[(error|crit|alert|emerg)\]")
        return server, serial, root

    def test_nginx_staples_what_our_responder_says(self):
        server, serial, root = self.staple("ec:P-256")
        r = self.house.api("POST", "/issued/revoke", {"serial": serial, "reason": "superseded"})
        self.assertEqual(r.status, 200, r.text)
        server.stop()  # it kept the old answer, as it may
        server.start()
        end = time.monotonic() + 15
        while time.monotonic() < end and "status \"revoked\" in the OCSP response" not in server.said():
            self.assertNotIn("Cert Status: good", server.asked(root))
            time.sleep(0.1)
        self.assertIn("certificate status \"revoked\" in the OCSP response", server.said())
        self.assertNotIn("Cert Status: good", server.asked(root))

    def test_with_RSA_and_P_384(self):
        for kind in ("rsa:2048", "ec:P-384"):
            self.staple(kind)


if __name__ == "__main__":
    tap.main()
