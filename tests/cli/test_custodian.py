"""Two custodians on the command line, each with a token of their own."""

import hashlib
import json
import os
import subprocess

import tap
from ca import openssl
from house import BUILD
from person import Person
from test_procedure import Base


class Custodians(Base):
    def as_(self, who, *args, code=0):
        """The command line of one who asks from elsewhere."""
        r = subprocess.run([os.path.join(BUILD, "certwright"), *args, *self.of(who)], capture_output=True, text=True,
                           timeout=60)
        self.assertEqual(r.returncode, code, r.stdout + r.stderr)
        return r.stdout + r.stderr

    def of(self, who):
        """Options of one who asks from elsewhere."""
        return ["--server", self.house.url, "--token-file", self.file("token-" + who.name, who.token),
                "--fingerprint", hashlib.sha256(self.house.served()).hexdigest()]

    def test_P15_M34_two_custodians_export_a_key(self):
        alice, bob, carol = (Person(self.house, n) for n in ("alice", "bob", "carol"))
        key = self.json("key", "generate", "--type", "ec:P-256", "--exportable")["id"]
        secret, out = self.file("pw", "correct horse battery\n"), os.path.join(self.house.base, "out.p12")
        export = ["key", "export", key, "--passphrase-file", secret, "--format", "pkcs12", "-o", out]
        for name in ("alice", "bob"):
            self.assertIn("a custodian now", self.cli("custodian", "add", name))
        self.cli(*export, code=9)
        self.assertIn("--server", self.said)
        self.assertIn("(--code)", self.as_(alice, *export, code=6))
        said = self.as_(alice, *export, "--code", alice.code(), code=4)
        self.assertIn("certwright key approve " + key, said)
        self.assertTrue(json.loads(self.as_(alice, *export, "--json", code=4))["waiting"])
        self.assertFalse(os.path.exists(out))
        listed = self.cli("custodian", "list")
        for word in ("alice", "bob", key, "pkcs12"):
            self.assertIn(word, listed)
        self.as_(carol, "key", "approve", key, "--code", "000000", code=7)
        said = self.as_(bob, "key", "approve", key, "--code", bob.code())
        self.assertIn("alice can export it now", said)
        self.as_(alice, *export)
        self.assertIn(b"PRIVATE KEY", openssl("pkcs12", "-in", out, "-noenc", "-passin",
                                              "pass:correct horse battery"))
        self.as_(alice, *export, code=6)
        # a change takes two as well: the same command of each
        add = ["custodian", "add", "carol"]
        self.assertIn("the same command", self.as_(bob, *add, "--code", bob.code(), code=4))
        self.assertIn("a custodian now", self.as_(alice, *add, "--code", alice.code()))
        self.assertEqual(len(self.json("custodian", "list")["custodians"]), 3)


if __name__ == "__main__":
    tap.main()
