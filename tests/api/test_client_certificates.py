"""Client certificates: asked for or required on a listener, judged at each
handshake by our own record; tried first like all that could lock people out."""

import http.client
import os
import socket
import ssl
import subprocess
import tempfile
import unittest

import tap
from ca import CA, openssl
from case import Case
from house import SEAMS, House, free_port
from test_applications import PAGE, At

NONE = "CERTIFICATE_REQUIRED"


class Clients(Case):
    @classmethod
    def build(cls):
        cls.second = free_port()
        return House(options=["--listen", "127.0.0.1:%d" % cls.second])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls.house.api("POST", "/tokens", {"user": "root"}).json["token"]
        cls.dir = tempfile.mkdtemp(prefix="clients-")
        for name in ("house", "branch"):
            a = cls.house.api("POST", "/cas", {"name": name})
            assert a.status == 201, a.text
        cls.good = cls.made("good")

    @classmethod
    def made(cls, name, authority="house", profile="client", **more):
        """A client's key and certificate; *.serial is its number."""
        path = os.path.join(cls.dir, name)
        csr = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                      path + ".key", "-subj", "/CN=%s.example.com" % name, "-addext",
                      "subjectAltName=DNS:%s.example.com" % name).decode()
        a = cls.house.api("POST", "/authorities/%s/requests" % authority, dict(more, csr=csr, profile=profile))
        assert a.status == 201, a.text
        with open(path + ".pem", "w", encoding="ascii") as f:
            f.write(a.json["certificate"])
        with open(path + ".serial", "w", encoding="ascii") as f:
            f.write(a.json["serial"])
        return path

    def serial(self, path):
        with open(path + ".serial", encoding="ascii") as f:
            return f.read()

    def setUp(self):
        self.first = "127.0.0.1:%d" % self.house.port
        self.other = "127.0.0.1:%d" % self.second
        self.set()

    def tearDown(self):
        self.set()

    def set(self, house=None, **wish):
        house = house or self.house
        house.api("POST", "/applications/access/revert")
        wish = dict({"super": "all", "client_asked": "none", "client_required": "none", "client_cas": "all"}, **wish)
        a = house.api("PUT", "/applications/access", wish)
        self.assertEqual(a.status, 200, a.text)
        if a.json["until"]:
            self.assertEqual(house.api("POST", "/applications/access/confirm").status, 200)

    def connect(self, port=None, cert=None, version=ssl.TLSVersion.TLSv1_3):
        context = ssl._create_unverified_context()
        context.minimum_version = context.maximum_version = version
        if cert:
            context.load_cert_chain(cert + ".pem", cert + ".key")
        return context.wrap_socket(socket.create_connection(("127.0.0.1", port or self.house.port), timeout=30))

    def ask(self, s, path="/healthz", close="close", token=None, method="GET"):
        s.sendall(("%s %s HTTP/1.1\r\nHost: x\r\nConnection: %s\r\n%s\r\n" % (
            method, path, close, "Authorization: Bearer %s\r\n" % token if token else "")).encode())
        r = http.client.HTTPResponse(s)
        r.begin()
        r.read()
        return r.status

    def get(self, cert=None, port=None, **more):
        """The status of an answer, or the alert that there was instead."""
        try:
            with self.connect(port, cert, **more) as s:
                return self.ask(s)
        except (ssl.SSLError, ConnectionError, http.client.HTTPException) as e:
            return getattr(e, "reason", None) or type(e).__name__

    def alert(self, name, cert=None, **more):
        """In TLS 1.3 the alert comes when the client thinks that it is in: what it
        sends may find the connection ended before it reads why."""
        for _ in range(50):
            got = str(self.get(cert, **more))
            self.assertNotEqual(got, "200")
            if got not in ("SSLEOFError", "BrokenPipeError", "ConnectionResetError", "RemoteDisconnected",
                           "UNEXPECTED_EOF_WHILE_READING"):
                break
        self.assertIn(name, got)

    def test_V46_without_one_nobody_is_let_in_where_it_is_required(self):
        self.assertEqual((self.get(), self.get(self.good)), (200, 200), "none is asked for at first")
        self.set(client_required=[self.first])
        self.alert(NONE)
        self.assertEqual(self.get(self.good), 200)
        for cert in (None, self.good):
            self.assertEqual(self.get(cert, port=self.second), 200, "the other address is as it was")
        old = ssl.TLSVersion.TLSv1_2
        self.assertEqual(self.get(self.good, version=old), 200)
        self.alert("HANDSHAKE_FAILURE", version=old)
        self.assertEqual(self.house.api("GET", "/components").status, 200, "the socket is")
        a = self.house.api("GET", "/applications").json["applications"][0]
        self.assertEqual((a["client_certificates"], a["client_required"], a["client_asked"]),
                         (True, [self.first], []))
        self.house.restart()
        self.alert(NONE)
        self.assertEqual(self.get(self.good), 200)

    def test_V46_a_revoked_one_is_refused_at_the_next_handshake(self):
        self.set(client_required="all")
        doomed = self.made("doomed")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.assertEqual(self.get(doomed, version=version), 200)
        with self.connect(cert=doomed) as s:
            self.assertEqual(self.ask(s, close="keep-alive"), 200)
            session = s.session
        a = self.house.api("POST", "/issued/revoke", {"serial": self.serial(doomed), "reason": "certificateHold"})
        self.assertEqual(a.status, 200, a.text)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.alert("CERTIFICATE_REVOKED", doomed, version=version)
        self.assertFalse(session and session.has_ticket, "no ticket goes round it")
        self.assertEqual(self.get(self.good), 200, "the others are good")
        a = self.house.api("POST", "/issued/release", {"serial": self.serial(doomed)})
        self.assertEqual(a.status, 200, a.text)
        self.assertEqual(self.get(doomed), 200, "a hold that was released")

    def test_V46_asked_for_is_no_must_but_what_comes_is_judged(self):
        self.set(client_asked=[self.first])
        self.assertEqual((self.get(), self.get(self.good)), (200, 200))
        doomed = self.made("asked")
        self.house.api("POST", "/issued/revoke", {"serial": self.serial(doomed), "reason": "superseded"})
        self.alert("CERTIFICATE_REVOKED", doomed)
        self.assertEqual(self.get(doomed, port=self.second), 200)

    def test_V46_what_is_not_for_clients_or_not_ours_is_refused(self):
        self.set(client_required=[self.first])
        server = self.made("server", profile="server")
        self.alert("CERTIFICATE", server)
        self.assertNotEqual(self.get(server), 200)
        both = self.made("both", profile="server-client")
        self.assertEqual(self.get(both), 200)
        ca = CA()
        self.addCleanup(ca.close)
        strange = os.path.join(self.dir, "strange")
        csr = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                      strange + ".key", "-subj", "/CN=strange.example.com")
        with open(strange + ".pem", "wb") as f:
            f.write(ca.sign(csr.decode(), names=["DNS:strange.example.com"], eku="clientAuth") + ca.inter)
        self.alert("UNKNOWN_CA", strange)
        own = os.path.join(self.dir, "own")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                own + ".key", "-subj", "/CN=good.example.com", "-addext", "extendedKeyUsage=clientAuth",
                "-out", own + ".pem", "-days", "9")
        self.alert("UNKNOWN_CA", own)

    def test_V46_what_our_own_record_does_not_have_is_refused(self):
        ca = CA()
        self.addCleanup(ca.close)
        inter, root = ca.write("moved.pem", ca.inter), ca.write("moved-root.pem", ca.root)
        a = self.house.cli("ca", "import", ca.inter_key, inter, root, "--name", "moved")
        self.assertEqual(a.returncode, 0, a.stderr)
        self.set(client_required=[self.first])
        self.assertEqual(self.get(self.made("moved", authority="moved")), 200)
        behind = os.path.join(self.dir, "behind")
        csr = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                      behind + ".key", "-subj", "/CN=behind.example.com")
        with open(behind + ".pem", "wb") as f:
            f.write(ca.sign(csr.decode(), names=["DNS:behind.example.com"], eku="clientAuth") + ca.inter)
        self.alert("HANDSHAKE_FAILURE", behind)

    def test_V46_only_the_CAs_that_were_chosen_count(self):
        branch = self.made("branch", authority="branch")
        self.set(client_required=[self.first])
        self.assertEqual((self.get(self.good), self.get(branch)), (200, 200))
        self.set(client_required=[self.first], client_cas=["branch"])
        self.assertEqual(self.get(branch), 200)
        self.alert("UNKNOWN_CA", self.good)
        for wrong in ("none", ["house", "strange"]):
            self.refused(self.house.api("PUT", "/applications/access", {"client_cas": wrong}), 400,
                         "applications.client-ca", "client_cas")
        out = subprocess.run(["openssl", "s_client", "-connect", self.first], input=b"",
                             capture_output=True, timeout=30).stdout.decode()
        names = out.split("Acceptable client certificate CA names")[1].split("Requested Signature")[0]
        self.assertIn("branch", names)
        self.assertNotIn("house", names)

    def test_V46_after_a_rollover_what_the_CA_before_issued_is_good(self):
        before = self.made("before", authority="branch")
        self.set(client_required=[self.first], client_cas=["branch"])
        a = self.house.api("POST", "/cas/branch/rollover")
        self.assertIn(a.status, (200, 201), a.text)
        after = self.made("after", authority="branch")
        self.assertEqual((self.get(before), self.get(after)), (200, 200))

    def test_V46_when_its_CA_is_revoked_so_is_the_certificate(self):
        self.house.api("POST", "/cas", {"name": "doomed"})
        mine = self.made("mine", authority="doomed")
        self.set(client_required=[self.first])
        self.assertEqual(self.get(mine), 200)
        issuing = [c for c in self.house.api("GET", "/cas/doomed").json["certificates"] if c["role"] == "issuing"][0]
        a = self.house.api("POST", "/issued/revoke", {"serial": issuing["serial"], "reason": "cACompromise"})
        self.assertEqual(a.status, 200, a.text)
        self.alert("CERTIFICATE_REVOKED", mine)

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_V46_an_expired_one_is_refused(self):
        with House() as house:
            house.api("POST", "/cas", {"name": "house"})
            mine = type("Made", (Clients,), {"house": house, "dir": self.dir}).made("short", days=2)
            self.set(house, client_required="all")
            self.assertEqual(self.get(mine, port=house.port), 200)
            house.at(3 * 86400)
            self.alert("CERTIFICATE_EXPIRED", mine, port=house.port)

    def test_V46_curl_gets_in_with_one_and_not_without(self):
        self.set(client_required=[self.first])

        def curl(*more):
            return subprocess.run(["curl", "-skS", "https://%s/healthz" % self.first, *more],
                                  capture_output=True, timeout=30)

        self.assertEqual(curl("--cert", self.good + ".pem", "--key", self.good + ".key").stdout, b"ok\n")
        self.assertNotEqual(curl().returncode, 0)

    def test_M38_required_is_tried_first_and_kept_by_who_has_one(self):
        self.set(super=[self.first])
        with self.connect() as s, self.connect(self.second) as elsewhere:
            self.assertEqual(self.ask(s, close="keep-alive"), 200)
            self.assertEqual(self.ask(elsewhere, close="keep-alive"), 200)
            a = self.house.api("PUT", "/applications/access", {"client_required": [self.first]})
            self.assertRegex(a.json["until"], "Z$")
            # a connection from before is no way round: it is to be made again
            confirm = "/api/v1/applications/access/confirm"
            self.assertEqual(self.ask(s, confirm, token=self.token, method="POST"), 421)
            self.assertEqual(self.ask(elsewhere, confirm, token=self.token, method="POST"), 404)
        self.alert(NONE)
        self.assertIsNotNone(self.house.api("GET", "/applications/access").json["until"], "nobody kept it")
        with self.connect(cert=self.good) as s:
            self.assertEqual(self.ask(s, confirm, token=self.token, method="POST"), 200)
        a = self.house.api("GET", "/applications/access").json
        self.assertEqual((a["until"], a["client_required"]), (None, [self.first]))
        self.assertEqual(self.events("applications.keep")[0]["detail"]["client_required"], self.first)

    def test_without_a_CA_none_can_be_wanted(self):
        with House() as house:
            house.admin("root")
            for field in ("client_asked", "client_required"):
                self.refused(house.api("PUT", "/applications/access", {field: "all"}), 400,
                             "applications.client-ca", field)
            page = self.signed_in(house=house).get(PAGE)
            self.assertNotIn("a client certificate is required", page.text)
        self.refused(self.house.api("PUT", "/applications/access", {"client_asked": "x:1"}), 400,
                     "applications.address", "client_asked")

    def test_on_the_page_and_by_command(self):
        here = At(self.house, self.second)
        here.sign_in("/super", "root")
        page = here.go("GET", PAGE)
        self.assertEqual(page.text.count('name="client_required"'), 2)
        served = [(n, a) for n in ("super", "admin") for a in (self.first, self.other)]
        a = here.post(PAGE + "/access", served + [("client_required", self.first), ("client_cas", "house")], page)
        self.assertEqual((a.status, a.headers["Location"]), (303, PAGE), "this address lets him in still")
        page = here.go("GET", PAGE)
        self.assertIn(">required<", page.text)
        here.post(PAGE + "/access/confirm", (), page)
        self.alert(NONE)
        page = here.go("GET", PAGE)
        a = here.post(PAGE + "/access", served + [("client_required", self.other)], page)
        self.assertEqual(a.status, 200)
        self.assertIn("On trial until", a.text)
        self.assertNotIn(">Keep<", a.text)
        self.house.api("POST", "/applications/access/revert")
        a = self.house.cli("config", "applications", "--client-required", "none", "--client-asked", self.other,
                           "--client-cas", "all")
        self.assertEqual(a.returncode, 0, a.stderr)
        self.assertEqual(self.house.cli("config", "applications", "--keep").returncode, 0)
        a = self.house.api("GET", "/applications/access").json
        self.assertEqual((a["client_required"], a["client_asked"], a["client_cas"]), ([], [self.other], []))


if __name__ == "__main__":
    tap.main()
