"""What our own authority makes, judged by others: OpenSSL, GnuTLS, NSS and
pkilint look at the certificates of every profile and kind of key, at lists and
at OCSP answers."""

import functools
import json
import os
import re
import shlex
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

import environment
import tap
from ca import openssl
from house import House, free_port

TYPES = ("ec:P-256", "ec:P-384", "ec:P-521", "ed25519", "rsa:2048")
NSS_READS_NOT = "ed25519"  # Debian's, 3.87
NSS_TYPES = tuple(t for t in TYPES if t != NSS_READS_NOT)
PROFILES = ("server", "client")
SERVER, CLIENT = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
HUNDRED = ["h%d.example.com" % i for i in range(100)]
LONG_NAME = ".".join(["l" * 61] * 3 + ["m" * 55, "example"])  # 249
KINDS = {
    "seven": ("/C=US/ST=New Jersey/L=Hackensack/O=Example Video, Inc./OU=R&D/CN=portal.example.com"
              "/emailAddress=pki@example.com", ["DNS:portal.example.com"]),
    "nameless": ("/", ["DNS:www.example.com", "IP:192.0.2.1"]),
    "hundred": ("/CN=h0.example.com", ["DNS:" + n for n in HUNDRED]),
    "ipv6": ("/CN=2001:db8::1", ["IP:2001:db8::1", "IP:2001:db8::2", "IP:192.0.2.7"]),
    "idn": ("/CN=xn--mnchen-3ya.example.com", ["DNS:xn--mnchen-3ya.example.com"]),
    "wildcard": ("/CN=*.example.com", ["DNS:*.example.com", "DNS:example.com"]),
    "long": ("/C=US/ST=%s/L=%s/O=%s/OU=%s/CN=%s.example.com" % ("s" * 128, "l" * 128, "o" * 64,
             "u" * 64, "c" * 52), ["DNS:%s.example.com" % ("c" * 52), "DNS:" + LONG_NAME]),
    "utf8": ("/C=BR/L=São Paulo/O=日本語株式会社/OU=Ωμέγα 😀/CN=sp.example.com", ["DNS:sp.example.com"]),
    "person": ("/CN=Zoë Person", ["email:zoe@example.com", "URI:https://example.com/zoe", "DNS:zoe.example.com"]),
}
LEAF_KEYS = {"rsa": ("RSA", "rsa_keygen_bits:2048"), "p384": ("EC", "ec_paramgen_curve:P-384"),
             "ed25519": ("ED25519", None)}


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **more)


class Court:
    """A house, an authority of each type of key, and all that they made."""

    def __init__(self, types=TYPES, options=()):
        self.port = free_port()
        self.house = House(options=["--http-listen", "127.0.0.1:%d" % self.port] + list(options))
        self.house.admin("root")
        self.dir = tempfile.mkdtemp(prefix="judges-")
        self.types = types
        self.leaves = {}  # path of the certificate: (type of the CA, profile, kind)
        self.key("leaf", "EC", "ec_paramgen_curve:P-256")
        for name, (algorithm, option) in LEAF_KEYS.items():
            self.key(name, algorithm, option)
        for t in types:
            a = self.house.api("POST", "/cas", {"name": self.name(t), "type": t})
            assert a.status == 201, a.text
            self.write(t, "root.pem", a.json["root"])
            self.write(t, "issuing.pem", a.json["issuing"])

    def close(self):
        self.house.close()

    def key(self, name, algorithm, option):
        openssl("genpkey", "-algorithm", algorithm, *(["-pkeyopt", option] if option else []),
                "-out", os.path.join(self.dir, name + ".key"))

    def name(self, t):
        return "of " + t.replace(":", "-")

    def path(self, t, name):
        return os.path.join(self.dir, "%s-%s" % (t.replace(":", "-"), name))

    def write(self, t, name, data):
        with open(self.path(t, name), "wb") as f:
            f.write(data.encode() if isinstance(data, str) else data)
        return self.path(t, name)

    def csr(self, subject, names, key="leaf"):
        args = ["req", "-new", "-utf8", "-key", os.path.join(self.dir, key + ".key"), "-subj", subject]
        return openssl(*args, "-addext", "subjectAltName=" + ",".join(names)).decode()

    def issue(self, t, profile, kind, csr, **more):
        a = self.house.api("POST", "/authorities/%s/requests" % urllib.parse.quote(self.name(t)),
                           dict(more, csr=csr, profile=profile))
        assert a.status == 201, (t, profile, kind, a.text)
        path = self.write(t, "%s-%s.pem" % (profile, kind), a.json["certificate"])
        self.leaves[path] = (t, profile, kind)
        return path, a.json["serial"]

    def issue_all(self):
        requests = [(k, self.csr(*v)) for k, v in KINDS.items()]
        requests += [(k, self.csr("/CN=k.example.com", ["DNS:k.example.com"], k)) for k in LEAF_KEYS]
        for t in self.types:
            for profile in PROFILES:
                for kind, csr in requests:
                    self.issue(t, profile, kind, csr)

    def urls(self, pem, what):
        text = openssl("x509", "-noout", "-text", "-in", pem).decode()
        return [u for u in re.findall(r"URI:(\S+)", text) if "/%s/" % what in u]

    def fetch(self, url, data=None):
        """From here, whatever host the address names."""
        url = "http://127.0.0.1:%d/%s" % (self.port, url.split("/", 3)[3])
        kind = {"Content-Type": "application/ocsp-request"} if data else {}
        with urllib.request.urlopen(urllib.request.Request(url, data, kind), timeout=10) as r:
            return r.read()

    def crl(self, t, of, name):
        """The list that this certificate names; DER, and PEM beside it."""
        der = self.write(t, name + ".der", self.fetch(self.urls(of, "crl")[0]))
        self.write(t, name + ".pem", openssl("crl", "-inform", "DER", "-in", der))
        return der

    @functools.lru_cache(maxsize=None)
    def lists(self, t):
        """Files: of the issuing CA, of the root, both in one as PEM; as they
        are when this is called first."""
        issuing, root = self.path(t, "issuing.pem"), self.path(t, "root.pem")
        leaf = next(p for p, v in self.leaves.items() if v[0] == t)
        a, b = self.crl(t, leaf, "crl"), self.crl(t, issuing, "arl")
        both = b"".join(openssl("crl", "-inform", "DER", "-in", p) for p in (a, b))
        return a, b, self.write(t, "lists.pem", both), issuing, root

    def ocsp(self, t, leaf, name="answer", *more):
        """The answer, and the certificate of who signed it."""
        question = openssl("ocsp", "-issuer", self.path(t, "issuing.pem"), "-cert", leaf, *more,
                           "-reqout", "/dev/stdout")
        answer = self.write(t, name + ".ocsp", self.fetch(self.urls(leaf, "ocsp")[0], question))
        text = openssl("ocsp", "-respin", answer, "-resp_text", "-noverify").decode()
        return answer, self.write(t, name + "-signer.pem", text[text.index("-----BEGIN CERT"):])

    def of(self, t):
        return [p for p, v in self.leaves.items() if v[0] == t]


def lint(lines):
    """lines: (tool, option..., path). Findings of each, and never silently none."""
    r = run(environment.python(), os.path.join(environment.HERE, "lint.py"),
            input="".join(shlex.join(line) + "\n" for line in lines))
    if r.returncode != 0:
        raise RuntimeError(r.stderr[-3000:])
    found = json.loads(r.stdout)
    assert len(found) == len(lines)
    return found


class Judges(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.court = Court()
        cls.addClassCleanup(cls.court.close)
        cls.court.issue_all()
        cls.revoked = {}
        for t in TYPES:
            csr = cls.court.csr("/CN=gone.example.com", ["DNS:gone.example.com"])
            path, serial = cls.court.issue(t, "server", "revoked", csr)
            del cls.court.leaves[path]
            a = cls.court.house.api("POST", "/issued/revoke", {"serial": serial, "reason": "superseded"})
            assert a.status == 200, a.text
            cls.revoked[t] = path

    # -- OpenSSL -------------------------------------------------------------
    def openssl_verify(self, t, *args):
        _, _, lists, issuing, root = self.court.lists(t)
        return run("openssl", "verify", "-x509_strict", "-check_ss_sig", "-crl_check_all", "-CRLfile", lists,
                   "-CAfile", root, "-untrusted", issuing, *args)

    def test_P18_OpenSSL_is_strict_and_content_with_every_certificate(self):
        for t in TYPES:
            for profile, purpose in (("server", "sslserver"), ("client", "sslclient")):
                leaves = [p for p in self.court.of(t) if self.court.leaves[p][1] == profile]
                r = self.openssl_verify(t, "-purpose", purpose, *leaves)
                self.assertEqual((r.returncode, r.stdout.count(": OK\n")), (0, len(leaves)), r.stdout + r.stderr)
            r = self.openssl_verify(t, "-purpose", "ocsphelper", self.court.ocsp(t, leaves[0])[1])
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)

    def test_P6_OpenSSL_finds_the_revoked_on_the_list_and_in_the_answer(self):
        for t in TYPES:
            r = self.openssl_verify(t, self.revoked[t])
            self.assertIn("certificate revoked", r.stderr)
            for leaf, word in ((self.revoked[t], "revoked"), (self.court.of(t)[0], "good")):
                answer = self.court.ocsp(t, leaf)[0]
                r = run("openssl", "ocsp", "-respin", answer, "-issuer", self.court.path(t, "issuing.pem"),
                        "-cert", leaf, "-CAfile", self.court.path(t, "root.pem"), "-no_nonce")
                self.assertIn("Response verify OK", r.stderr)
                self.assertIn(": %s\n" % word, r.stdout)

    # -- GnuTLS --------------------------------------------------------------
    def test_P18_GnuTLS_verifies_every_chain(self):
        for t in TYPES:
            _, _, lists, issuing, root = self.court.lists(t)
            for leaf in self.court.of(t):
                purpose = SERVER if self.court.leaves[leaf][1] == "server" else CLIENT
                whole = open(leaf).read() + open(issuing).read()
                r = run("certtool", "--verify-profile", "medium", "--verify-chain",
                        input=whole + open(root).read())
                self.assertIn("Chain verification output: Verified.", r.stdout, leaf)
                r = run("certtool", "--verify", "--verify-profile", "medium", "--load-ca-certificate", root,
                        "--load-crl", lists, "--verify-purpose", purpose, input=whole)
                self.assertIn("Chain verification output: Verified.", r.stdout, leaf)

    def test_P6_GnuTLS_finds_the_revoked_on_the_list_and_in_the_answer(self):
        for t in TYPES:
            crl, _, lists, issuing, root = self.court.lists(t)
            r = run("certtool", "--verify", "--load-ca-certificate", root, "--load-crl", lists,
                    input=open(self.revoked[t]).read() + open(issuing).read())
            self.assertIn("Not verified. The certificate is NOT trusted. The certificate chain is revoked.",
                          r.stdout)
            r = run("certtool", "--crl-info", "--inder", "--infile", crl)
            self.assertIn("Revoked certificates (1)", r.stdout)
            r = run("certtool", "--verify-crl", "--load-ca-certificate", issuing,
                    input=openssl("crl", "-inform", "DER", "-in", crl).decode())
            self.assertIn("Verification output: Verified.", r.stdout)
            for leaf, word in ((self.revoked[t], "revoked"), (self.court.of(t)[0], "good")):
                answer = self.court.ocsp(t, leaf)[0]
                r = run("ocsptool", "--verify-response", "--load-trust", issuing, "--load-response", answer)
                self.assertIn("Verifying OCSP Response: Success.", r.stdout + r.stderr)
                r = run("ocsptool", "--response-info", "--load-response", answer)
                self.assertIn("Certificate Status: %s\n" % word, r.stdout)

    # -- NSS -----------------------------------------------------------------
    def nss_database(self, t):
        place = self.court.path(t, "nss")
        crl, arl, _, issuing, root = self.court.lists(t)
        if not os.path.isdir(place):
            os.mkdir(place)
            for args in (["-N", "--empty-password"], ["-A", "-n", "root", "-t", "CT,,", "-a", "-i", root],
                         ["-A", "-n", "issuing", "-t", ",,", "-a", "-i", issuing]):
                r = run("certutil", "-d", "sql:" + place, *args)
                self.assertEqual(r.returncode, 0, r.stderr)
            for path in (crl, arl):
                r = run("crlutil", "-I", "-d", "sql:" + place, "-i", path)
                self.assertEqual(r.returncode, 0, r.stderr)
        return place

    def vfychain(self, t, leaf, method, profile="server"):
        return run("vfychain", "-d", "sql:" + self.nss_database(t), "-pp", "-u",
                   "1" if profile == "server" else "0", "-g", "leaf", "-h", "requireFreshInfo", "-m", method,
                   "-s", "failIfNoInfo", "-a", leaf, self.court.path(t, "issuing.pem"))

    def test_P18_NSS_verifies_every_chain_by_list_and_by_OCSP(self):
        for t in NSS_TYPES:
            for leaf in self.court.of(t):
                _, profile, kind = self.court.leaves[leaf]
                if kind == NSS_READS_NOT:
                    continue
                for method in ("crl", "ocsp") if kind == "seven" else ("crl",):
                    r = self.vfychain(t, leaf, method, profile)
                    self.assertIn("Chain is good!", r.stdout + r.stderr, (leaf, method))
            place = "sql:" + self.nss_database(t)
            self.assertEqual(run("certutil", "-A", "-d", place, "-n", "leaf", "-t", ",,", "-a", "-i",
                                 self.court.path(t, "server-seven.pem")).returncode, 0)
            for name, usage in (("leaf", "V"), ("issuing", "L")):
                r = run("certutil", "-V", "-d", place, "-n", name, "-u", usage, "-e", "-l")
                self.assertIn("certificate is valid", r.stdout, r.stdout + r.stderr)

    def test_P6_NSS_finds_the_revoked_by_list_and_by_OCSP(self):
        for t in NSS_TYPES:
            for method in ("crl", "ocsp"):
                r = self.vfychain(t, self.revoked[t], method)
                self.assertIn("has been revoked", r.stdout + r.stderr, (t, method))

    # -- pkilint -------------------------------------------------------------
    def test_P18_pkilint_finds_nothing_on_any_profile_list_or_answer(self):
        lines = []
        for t in TYPES:
            crl, arl, _, issuing, root = self.court.lists(t)
            good, signer = self.court.ocsp(t, self.court.of(t)[0], "good")
            gone, _ = self.court.ocsp(t, self.revoked[t], "gone", "-no_nonce")
            lines += [("pkix_cert", p) for p in [root, issuing, signer] + self.court.of(t)]
            lines += [("pkix_signer_signee_cert_chain", issuing, p) for p in [signer] + self.court.of(t)]
            lines += [("pkix_signer_signee_cert_chain", root, issuing)]
            lines += [("crl", "-t", "CRL", "-p", p, crl) for p in ("PKIX", "BR")]
            lines += [("crl", "-t", "ARL", "-p", p, arl) for p in ("PKIX", "BR")]
            lines += [("ocsp_response", p) for p in (good, gone)]
        # RFC 5280 leaves wildcards to others: those who know them are asked below
        wildcard = ["ERROR", "pkix.invalid_domain_name_syntax", 'Invalid domain name syntax: "*.example.com"']
        wrong = ["%s: %s" % (" ".join(line), f) for line, f in zip(lines, lint(lines))
                 if f != ([wildcard] if line[0] == "pkix_cert" and "-wildcard" in line[1] else [])]
        self.assertEqual(wrong, [])

    def test_pkilint_is_awake(self):
        """It does find what OpenSSL was told to do wrong."""
        bad = openssl("req", "-x509", "-key", os.path.join(self.court.dir, "leaf.key"), "-subj", "/",
                      "-addext", "subjectAltName=DNS:under_score..example.com")
        path = self.court.write("ec:P-256", "bad.pem", bad)
        found = lint([("pkix_cert", path)])[0]
        self.assertIn("ERROR", [f[0] for f in found])


class Profiles(unittest.TestCase):
    """One certificate at least of each profile that comes with an authority."""
    TYPES = ("ec:P-256", "rsa:2048")
    PURPOSES = {"server": "sslserver", "client": "sslclient", "server-client": "sslserver", "baseline": "sslserver",
                "acme": "sslserver", "est": "sslclient", "ocsp-signer": "ocsphelper", "sub-ca": "any"}

    @classmethod
    def setUpClass(cls):
        cls.court = Court(cls.TYPES, ["--http-url", "http://pki.example.com"])
        cls.addClassCleanup(cls.court.close)
        cls.tokens = []
        for name in ("ann", "ben"):
            cls.court.house.admin(name)
            cls.tokens.append(cls.court.house.api("POST", "/tokens", {"user": name}).json["token"])
        cls.made = {}
        for t in cls.TYPES:
            listed = cls.court.house.api("GET", "/authorities/" + urllib.parse.quote(cls.court.name(t))).json
            for p in listed["profiles"]:
                persons = p["approval"]["persons"] if "approval" in p else 0
                for key in ("leaf", "rsa"):
                    cls.made[t, p["name"], key] = cls.issue(t, p["name"], key, persons)

    @classmethod
    def issue(cls, t, profile, key, persons):
        subject = "/C=US/O=Example/CN=" + ("Branch CA " + key if profile == "sub-ca" else "www.example.com")
        csr = cls.court.csr(subject, ["DNS:www.example.com", "IP:9.9.9.9"], key)
        a = cls.court.house.api("POST", "/authorities/%s/requests" % urllib.parse.quote(cls.court.name(t)),
                                {"csr": csr, "profile": profile})
        for token in cls.tokens[:persons]:
            a = cls.court.house.request("POST", "/api/v1/submissions/%s/approve" % a.json["id"], json_body={},
                                        headers={"Authorization": "Bearer " + token})
        assert a.status == 201, (t, profile, a.text)
        return cls.court.write(t, "%s-by-%s.pem" % (profile, key), a.json["certificate"])

    def test_P18_OpenSSL_is_strict_and_content_with_each_profile(self):
        self.assertEqual({p for _, p, _ in self.made}, set(self.PURPOSES))
        for (t, profile, _), path in self.made.items():
            r = run("openssl", "verify", "-x509_strict", "-check_ss_sig", "-purpose", self.PURPOSES[profile],
                    "-CAfile", self.court.path(t, "root.pem"), "-untrusted", self.court.path(t, "issuing.pem"), path)
            self.assertEqual((r.returncode, r.stdout), (0, path + ": OK\n"), r.stdout + r.stderr)

    def test_P18_GnuTLS_verifies_each_profile(self):
        for (t, profile, _), path in self.made.items():
            issuer = "" if profile == "sub-ca" else open(self.court.path(t, "issuing.pem")).read()
            r = run("certtool", "--verify-profile", "medium", "--verify-chain",
                    input=open(path).read() + issuer + open(self.court.path(t, "root.pem")).read())
            self.assertIn("Chain verification output: Verified.", r.stdout, path)

    def test_P18_pkilint_finds_no_error_on_any_profile(self):
        lines = []
        for (t, profile, _), path in self.made.items():
            issuer = self.court.path(t, "root.pem" if profile == "sub-ca" else "issuing.pem")
            lines += [("pkix_cert", path), ("pkix_signer_signee_cert_chain", issuer, path)]
        wrong = ["%s: %s" % (" ".join(line), f) for line, f in zip(lines, lint(lines)) if f]
        self.assertEqual(wrong, [])

    def test_P18_baseline_lacks_what_the_Requirements_ask_in_policies_alone(self):
        paths = [p for (_, profile, _), p in self.made.items() if profile == "baseline"]
        for f in lint([("cabf_serverauth_cert", "-t", "DV-FINAL-CERTIFICATE", p) for p in paths]):
            self.assertEqual({x[1] for x in f if x[0] in ("ERROR", "FATAL")},
                             {"cabf.serverauth.subscriber.certificate_policies_extension_absent"}, f)


class Baseline(unittest.TestCase):
    """The CA/Browser Forum's Baseline Requirements bind public authorities. What
    is said here of ours is the whole of what they ask beyond RFC 5280 and what a
    private authority does not say: policies of the forum, and who runs the CA."""

    @classmethod
    def setUpClass(cls):
        cls.court = Court(["ec:P-256"], ["--http-url", "http://pki.example.com"])

    @classmethod
    def tearDownClass(cls):
        cls.court.close()

    def test_P18_the_Baseline_Requirements_ask_for_no_more_than_is_said_here(self):
        t = "ec:P-256"
        dv, _ = self.court.issue(t, "server", "dv", self.court.csr(
            "/CN=www.example.com", ["DNS:www.example.com", "DNS:*.example.com"]), days=90)
        ov, _ = self.court.issue(t, "server", "ov", self.court.csr(
            "/C=US/ST=New Jersey/L=Hackensack/O=Example Video, Inc./CN=www.example.com",
            ["DNS:www.example.com"], "rsa"), days=90)
        who = {"cabf.serverauth.ca.country_attribute_absent",
               "cabf.serverauth.ca.organization_name_attribute_absent"}
        policies = "cabf.serverauth.%s.certificate_policies_extension_absent"
        expected = (
            ("ROOT-CA", self.court.path(t, "root.pem"), who),
            ("INTERNAL-UNCONSTRAINED-TLS-CA", self.court.path(t, "issuing.pem"), who | {
                policies % "ca", "cabf.serverauth.ca.extended_key_usage_extension_absent"}),
            ("OCSP-RESPONDER", self.court.ocsp(t, dv)[1], who),
            ("DV-FINAL-CERTIFICATE", dv, {policies % "subscriber"}),
            ("OV-FINAL-CERTIFICATE", ov, {policies % "subscriber"}))
        found = lint([("cabf_serverauth_cert", "-t", kind, path) for kind, path, _ in expected])
        for (kind, _, codes), findings in zip(expected, found):
            self.assertEqual({f[1] for f in findings if f[0] in ("ERROR", "FATAL")}, codes, kind)


if __name__ == "__main__":
    tap.main()
