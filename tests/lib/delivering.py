"""A house with a list of targets, and what tests of deliveries ask of it again and
again."""

import os
import ssl

from ca import CA
from case import Case
from house import House
from servers import Folder, Nginx, wait_until


def norm(pem):
    return pem[pem.index("-----BEGIN"):]


class Delivering(Case):
    """A house with a list of targets; each test has an identity and a target of its
    own."""

    options = []

    @classmethod
    def build(cls):
        cls.host = Folder()
        cls.ca = CA()
        cls.targets = cls.host.write("targets", cls.listed())
        return House(options=["--targets", cls.targets] + cls.options)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.ca.close()
        cls.host.close()

    @classmethod
    def files(cls, name, *lines):
        return cls.host.files_target(name, name, *lines)

    def add(self, name, identity=None, **more):
        a = self.house.api("POST", "/components", dict(
            {"name": name, "target": name, "identity": identity or name}, **more))
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def issue(self, identity, key=True, **more):
        """A new key, a request, its answer installed: the certificate, PEM."""
        if key:
            a = self.house.api("POST", "/identities/%s/keys" % identity,
                               dict({"type": "ec:P-256"}, **more))
            self.assertEqual(a.status, 201, a.text)
        a = self.house.regenerate(identity, common_name="shop.example.com")
        self.assertEqual(a.status, 201, a.text)
        cert = self.ca.sign(a.json["pem"])
        a = self.house.install(cert + self.ca.inter, identity=identity)
        self.assertEqual(a.status, 201, a.text)
        return cert.decode()

    def settled(self, name):
        """The component, once nothing is under way."""
        def done():
            a = self.house.api("GET", "/components/" + name)
            self.assertEqual(a.status, 200, a.text)
            return a.json if a.json["delivery"] != "pending" else None
        return wait_until(done)

    def delivered(self, name):
        c = self.settled(name)
        self.assertEqual((c["delivery"], c["message"]), ("delivered", None))
        return c

    def failed(self, name, message):
        c = self.settled(name)
        self.assertEqual((c["delivery"], c["status"]), ("failed", "failed"))
        self.assertIn(message, c["message"])
        return c

    def make(self, name, **more):
        """An identity with a component, and a certificate for it."""
        self.identity(name)
        self.add(name)
        return self.issue(name, **more)

    def deliver(self, name, status=202):
        a = self.house.api("POST", "/components/%s/deliver" % name)
        self.assertEqual(a.status, status, a.text)
        return a

    def has_pair(self, name, cert):
        """The files are this certificate with its chain, and its key."""
        self.assertEqual(self.host.read(name + ".pem"), norm(cert) + norm(self.ca.inter.decode()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.host.file(name + ".pem"), self.host.file(name + ".key"))

    def left(self):
        return [n for n in os.listdir(self.host.path) if ".certwright-" in n]


class BesideNginx(Delivering):
    """An nginx of its own, which is the target "web"."""

    @classmethod
    def build(cls):
        cls.nginx = Nginx()
        return super().build()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.nginx.close()

    @classmethod
    def listed(cls):
        return cls.nginx.target("web")
