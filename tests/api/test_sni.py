"""The own listeners present to each client the certificate of the name that it
asks for: the exact name, else the wildcard, else the portal's."""

import hashlib
import socket
import ssl
import threading

import tap
from ca import CA, openssl
from case import Case
from tenant import Tenant

FIVE = ["%s.five.example" % n for n in ("a", "b", "c", "d", "e")]


class Names(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = CA()
        cls.own = {}
        cls.make("wild", ["*.portal.example.com"])
        cls.make("five", FIVE)

    @classmethod
    def tearDownClass(cls):
        cls.ca.close()
        super().tearDownClass()

    @classmethod
    def make(cls, identity, names):
        if identity != "portal":
            cls.house.api("POST", "/identities", {"name": identity})
        cls.house.api("POST", "/identities/%s/keys" % identity, {"type": "ec:P-256"})
        cls.again(identity, names)

    @classmethod
    def again(cls, identity, names):
        """One more certificate for it, installed."""
        a = cls.house.regenerate(identity, common_name=names[0], names=names)
        assert a.status == 201, a.text
        a = cls.house.install(cls.ca.sign(a.json["pem"].encode()) + cls.ca.inter, identity=identity)
        assert a.status == 201, a.text
        cls.own[identity] = a.json["certificate"]["sha256"]

    def leads(self, name, identity):
        got = hashlib.sha256(self.house.served(name=name)).hexdigest()
        known = {v: k for k, v in self.own.items()}
        self.assertEqual(known.get(got, "portal"), identity, name)

    def test_V27_wildcard_and_five_names_are_both_served(self):
        for name in FIVE:
            self.leads(name, "five")
        for name in ("t1.portal.example.com", "T2.Portal.Example.COM"):
            self.leads(name, "wild")

    def test_V28_a_wildcard_covers_one_label_and_not_the_apex(self):
        for name in ("portal.example.com", "a.t1.portal.example.com", "other.example", None):
            self.leads(name, "portal")

    def test_a_client_that_verifies_is_content(self):
        context = ssl.create_default_context(cadata=self.ca.root.decode())
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context.minimum_version = context.maximum_version = version
            for name in ("b.five.example", "tenant.portal.example.com"):
                with socket.create_connection(("127.0.0.1", self.house.port), timeout=20) as s:
                    with context.wrap_socket(s, server_hostname=name) as t:
                        self.assertEqual(t.version(), {ssl.TLSVersion.TLSv1_2: "TLSv1.2"}.get(
                            version, "TLSv1.3"))

    def test_an_exact_name_stands_before_a_wildcard_and_is_given_back(self):
        self.leads("www.portal.example.com", "wild")
        self.make("exact", ["www.portal.example.com"])
        self.leads("www.portal.example.com", "exact")
        self.again("exact", ["else.example"])
        self.leads("www.portal.example.com", "wild")
        self.leads("else.example", "exact")
        a = self.house.api("POST", "/identities/exact/rollback", {"reason": "a test"})
        self.assertEqual(a.status, 200, a.text)
        self.own["exact"] = a.json["sha256"]
        self.leads("www.portal.example.com", "exact")
        self.leads("else.example", "portal")

    def test_a_restart_changes_nothing(self):
        self.house.restart()
        self.leads("c.five.example", "five")
        self.leads("t9.portal.example.com", "wild")
        self.leads(None, "portal")

    def test_P5_a_renewal_under_handshakes_never_fails_one(self):
        wrong, stop = [], threading.Event()
        context = ssl.create_default_context(cadata=self.ca.root.decode())

        def ask():
            while not stop.is_set():
                try:
                    with socket.create_connection(("127.0.0.1", self.house.port), timeout=20) as s:
                        with context.wrap_socket(s, server_hostname="swap.example"):
                            pass
                except OSError as e:
                    wrong.append(e)
        self.make("swap", ["swap.example"])
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for t in threads:
            t.start()
        for _ in range(5):
            self.again("swap", ["swap.example"])
        stop.set()
        for t in threads:
            t.join()
        self.assertEqual(wrong, [])

    def test_each_is_a_component_with_its_state(self):
        all_ = {c["name"]: c for c in self.house.api("GET", "/components").json["components"]}
        self.assertEqual(all_["five"]["type"], "own listener, by name")
        self.assertEqual((all_["five"]["status"], all_["five"]["served"]), ("fine", "same"))
        self.assertEqual(all_["five"]["names"], FIVE)
        page = self.signed_in().get("/components").text
        self.assertIn("own listener, by name", page)

    def test_nobody_takes_a_name_by_a_tenants_certificate(self):
        t = Tenant(self.house, "thief")
        key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").decode()
        self.assertEqual(t.api("POST", "/identities/portal/keys/import", {"text": key}).status, 201)
        csr = openssl("req", "-new", "-key", self.ca.write("thief.key", key.encode()), "-subj",
                      "/CN=a.five.example", "-addext",
                      "subjectAltName=DNS:a.five.example,DNS:new.example,DNS:own.thief.example")
        t.install(self.ca, csr.decode())
        self.assertTrue(self.house.served(name="own.thief.example") != self.house.served())
        self.leads("a.five.example", "five")
        self.leads("new.example", "portal")


tap.main()
