"""Lists of changes and parts of lists, judged by others: OpenSSL decides with
them, GnuTLS and pkilint read each."""

import re
import unittest

import tap
from ca import openssl
from test_judges import Court, lint, run

TYPES = ("ec:P-256", "rsa:2048")


class Lists(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.court = Court(TYPES)
        cls.addClassCleanup(cls.court.close)
        cls.made = {t: cls.lists_of(t) for t in TYPES}

    @classmethod
    def issue(cls, t, kind):
        path, serial = cls.court.issue(t, "server", kind, cls.court.csr("/CN=a.example.com", ["DNS:a.example.com"]))
        return path, serial

    @classmethod
    def list(cls, t, url, name):
        return cls.court.write(t, name, cls.court.fetch(url))

    @classmethod
    def lists_of(cls, t):
        """Lists before and after a revocation, full and of the part that the certificate names."""
        house = cls.court.house
        a = house.api("POST", "/cas/%s/lists" % cls.court.name(t).replace(" ", "%20"), {"shards": 2, "deltas": "on"})
        assert a.status == 200, a.text
        leaf, serial = cls.issue(t, "gone")
        part = cls.court.urls(leaf, "crl")[0]
        for i in range(100):  # one that stays, of the same part
            stays, _ = cls.issue(t, "stays%d" % i)
            if cls.court.urls(stays, "crl")[0] == part:
                break
        full = re.sub(r"\.\d\.crl$", ".crl", part)
        made = {"leaf": leaf, "stays": stays, "full": cls.list(t, full, "full.crl"), "part": cls.list(t, part, "part.crl")}
        assert house.api("POST", "/issued/revoke", {"serial": serial, "reason": "superseded"}).status == 200
        for name, url in (("full", full), ("part", part)):
            made[name + "-delta"] = cls.list(t, url.replace(".crl", ".delta.crl"), name + "-delta.crl")
        made["part-after"] = cls.list(t, part, "part-after.crl")
        return made

    def verify(self, t, leaf, *names):
        pem = b"".join(openssl("crl", "-inform", "DER", "-in", self.made[t][n]) for n in names)
        lists = self.court.write(t, "some.pem", pem)
        return run("openssl", "verify", "-x509_strict", "-crl_check", "-use_deltas", "-extended_crl", "-CRLfile", lists,
                   "-CAfile", self.court.path(t, "root.pem"), "-untrusted", self.court.path(t, "issuing.pem"),
                   self.made[t][leaf])

    def test_P6_OpenSSL_finds_the_revoked_by_delta_and_by_part(self):
        for t in TYPES:
            for names, gone in ((("full",), False), (("part",), False), (("full", "full-delta"), True),
                                (("part", "part-delta"), True), (("part-after",), True)):
                r = self.verify(t, "leaf", *names)
                self.assertEqual(("certificate revoked" in r.stderr, r.returncode == 0), (gone, not gone),
                                 (t, names, r.stderr))
                r = self.verify(t, "stays", *names)
                self.assertEqual(r.returncode, 0, (t, names, r.stderr))

    def test_P6_GnuTLS_reads_and_verifies_each_list(self):
        for t in TYPES:
            for name, n in (("full", 0), ("part", 0), ("full-delta", 1), ("part-delta", 1), ("part-after", 1)):
                r = run("certtool", "--crl-info", "--inder", "--infile", self.made[t][name])
                self.assertIn("Revoked certificates (%d)" % n if n else "No revoked certificates", r.stdout, r.stderr)
                r = run("certtool", "--verify-crl", "--load-ca-certificate", self.court.path(t, "issuing.pem"),
                        input=openssl("crl", "-inform", "DER", "-in", self.made[t][name]).decode())
                self.assertIn("Verification output: Verified.", r.stdout, (t, name))

    def test_P18_pkilint_finds_nothing_on_any_of_them(self):
        lines = [("crl", "-t", "CRL", "-p", "PKIX", self.made[t][name]) for t in TYPES
                 for name in ("full", "part", "full-delta", "part-delta", "part-after")]
        self.assertEqual(lint(lines), [[] for _ in lines])


if __name__ == "__main__":
    tap.main()
