"""Files that mean harm, within the limits of a body: each gets words of its
own and a line in the audit, costs the long-lived processes little (P31) and
leaves everything as it was (P33)."""

import base64
import gzip
import io
import json
import math
import os
import random
import re
import unittest
import zipfile

import tap
import weakkeys
from asn1 import der, oid
from ca import CA, openssl
from house import BUILD, House
from weakkeys import integer, pem

TICK = os.sysconf("SC_CLK_TCK")
KIB = 1024


def deep(depth, tag=0x30, inner=b""):
    for _ in range(depth):
        inner = der(tag, inner)
    return inner


def pbes2(iterations):
    """An encrypted PKCS#8 file that wants so many rounds of PBKDF2."""
    kdf = der(0x30, oid("1.2.840.113549.1.5.12") + der(0x30, der(4, b"saltsalt") + integer(iterations)))
    cipher = der(0x30, oid("2.16.840.1.101.3.4.1.42") + der(4, bytes(16)))
    algorithm = der(0x30, oid("1.2.840.113549.1.5.13") + der(0x30, kdf + cipher))
    return pem(b"ENCRYPTED PRIVATE KEY", der(0x30, algorithm + der(4, bytes(64))))


def pkcs12(iterations):
    """Only as much of a PKCS#12 file as names the rounds of its MAC."""
    data = oid("1.2.840.113549.1.7.1") + der(0xa0, der(4, der(0x30, b"")))
    digest = der(0x30, der(0x30, oid("2.16.840.1.101.3.4.2.1") + b"\5\0") + der(4, bytes(32)))
    mac = der(0x30, digest + der(4, b"saltsalt") + integer(iterations))
    return der(0x30, integer(3) + der(0x30, data) + mac)


def zipped(entries):
    z = io.BytesIO()
    with zipfile.ZipFile(z, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as f:
        for name, data in entries:
            f.writestr(name, data)
    return z.getvalue()


def bomb():
    """10 MiB of zeros in 10 KiB."""
    return zipped([("server.crt", bytes(10 * KIB * KIB))])


def lying():
    """The directory says 20 bytes; there are 8 MiB."""
    z = bytearray(zipped([("server.crt", bytes(8 * KIB * KIB))]))
    at = z.find(b"PK\1\2")
    z[at + 24:at + 28] = (20).to_bytes(4, "little")
    z[22:26] = (20).to_bytes(4, "little")
    return bytes(z)


def sealed_entry():
    """An entry that says it is encrypted."""
    z = bytearray(zipped([("server.crt", b"x" * 100)]))
    z[6] |= 1
    z[z.find(b"PK\1\2") + 8] |= 1
    return bytes(z)


def random_bytes(n):
    return random.Random(31).randbytes(n)


def files(leaf, inter):
    """(what, file, words of the refusal): none of them is an answer."""
    text = leaf.decode()
    body = text.split("-----")[2]
    yield "nothing", b"", "empty"
    yield "prose of 256 KiB", b"Dear customer, " * 17000, "no certificate"
    yield "random bytes", random_bytes(250 * KIB), "no certificate|DER"
    yield "NUL bytes", bytes(250 * KIB), "no certificate|DER"
    yield "more than 256 KiB", leaf + b"\n" * (256 * KIB), "256|large"
    yield "PEM cut in its middle", text[:len(text) // 2].encode(), "END|cut|complete"
    yield "PEM of garbage", ("-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" %
                             ("!@#$%^&*" * 8)).encode(), "base64|malformed|damaged"
    yield "PEM of random bytes", pem(b"CERTIFICATE", random_bytes(100 * KIB)), "DER|malformed|damaged"
    yield "a certificate with a byte missing", pem(
        b"CERTIFICATE", base64.b64decode("".join(body.split()))[:-1]), "DER|malformed|damaged"
    yield "100,000 begin lines", b"-----BEGIN CERTIFICATE-----\n" * 9000, "END|cut|many|complete"
    yield "DER nested 10,000 deep", deep(10000), "deep|nest"
    yield "a certificate nested deep", pem(b"CERTIFICATE", deep(5000)), "deep|nest|DER"
    yield "PKCS#7 nested deep", pem(b"PKCS7", deep(40)), "deep|nest|PKCS"
    yield "33 certificates", leaf * 33, "32|many"
    yield "PKCS#12 with 2^31 rounds", pkcs12(2 ** 31 - 1), "rounds|iterations"
    yield "PKCS#12 cut", pkcs12(2048)[:60], "DER|malformed|damaged|certificate"
    yield "a ZIP of 10 MiB of zeros", bomb(), "large|KiB|more than"
    yield "a ZIP that lies", lying(), "when unpacked|ZIP"
    yield "a ZIP in a ZIP", zipped([("a.zip", zipped([("b.crt", leaf)]))]), "ZIP"
    yield "a ZIP with 100 entries", zipped([("%d.crt" % n, b"x") for n in range(100)]), "entries|files"
    yield "a ZIP with a password", sealed_entry(), "encrypted|passw"
    yield "a ZIP cut", zipped([("a.crt", leaf), ("b.crt", inter)])[:-30], "ZIP"
    yield "a page of HTML", b"<!doctype html><html><body>Sign in first</body></html>", "HTML|page"
    yield "a key", openssl("genpkey", "-algorithm", "ED25519"), "private key"


def keys():
    """(what, file, words): none of them is a private key to take."""
    key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    text = key.decode()
    huge = {"kty": "RSA", "n": "A" * 200000, "e": "AQAB", "d": "A" * 10}
    yield "PKCS#8 with 5,000,000 rounds", pbes2(5000000), "rounds|iterations"
    yield "PKCS#8 with 2^31 rounds", pbes2(2 ** 31 - 1), "rounds|iterations"
    yield "PKCS#12 with 2^31 rounds", pkcs12(2 ** 31 - 1), "rounds|iterations"
    yield "a key cut", text[:len(text) // 2].encode(), "END|cut|complete|malformed"
    yield "a key of garbage", pem(b"PRIVATE KEY", random_bytes(5000)), "malformed|DER|damaged"
    yield "a key nested deep", pem(b"PRIVATE KEY", deep(2000)), "deep|nest|malformed|DER"
    yield "a JWK of 10,000 arrays", b'{"kty":' + b"[" * 10000 + b"]" * 10000 + b"}", "JSON Web Key|JSON|deep"
    yield "a JWK of 200 KiB", json.dumps(huge).encode(), "JSON Web Key"
    yield "a JWK of 50,000 keys", b'{"keys":[' + b'{"kty":"EC"},' * 15000 + b'{}]}', "JSON Web Key|keys|many|key"
    yield "a symmetric JWK", b'{"kty":"oct","k":"AAAA"}', "symmetric"
    yield "33 keys", key * 33, "many|32|more than one|several"
    yield "two keys", key + openssl("genpkey", "-algorithm", "ED25519"), "more than one|several|two"
    yield "an SSH key", b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n" \
        b"-----END OPENSSH PRIVATE KEY-----\n", "SSH"
    yield "RSA of 16384 bits", weakkeys.pem(b"RSA PRIVATE KEY", der(0x30, b"".join(map(integer, (
        0, random.Random(1).getrandbits(16384) | 1 << 16383 | 1, 65537) + (3,) * 6)))), \
        "16384|bits|large|malformed|fit"
    yield "a ZIP of 10 MiB of zeros", bomb(), "large|KiB|more than|ZIP|no private key"
    yield "DER nested 10,000 deep", deep(10000), "deep|nest"
    yield "random bytes", random_bytes(250 * KIB), "no private key|DER"


@unittest.skipIf("san" in BUILD, "costs are those of the release")
class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ca = CA()
        cls.house = House()
        cls.house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        cls.csr = cls.house.regenerate().json["pem"]
        cls.leaf = cls.ca.sign(cls.csr)
        # both paths are warm: code paged in, caches filled
        for _ in range(3):
            cls.house.check(cls.leaf + cls.ca.inter)
            cls.house.check(b"x" * 200000)

    @classmethod
    def tearDownClass(cls):
        cls.house.close()
        cls.ca.close()

    def used(self, pid):
        """CPU ticks of its threads, but for the keeper's that makes keys in
        idle time; and the peak of memory in KiB."""
        ticks = 0
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/stat" % (pid, task)) as f:
                part = f.read().rsplit(")", 1)[1].split()
            if int(part[38]) != os.SCHED_IDLE:
                ticks += int(part[11]) + int(part[12])
        with open("/proc/%d/status" % pid) as f:
            return ticks, int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1))

    def cheap(self, what, ask):
        """ask() costs front and keeper no more than P31 allows."""
        pids = [self.house.process.pid, self.house.keeper_pid()]
        for pid in pids:
            with open("/proc/%d/clear_refs" % pid, "w") as f:
                f.write("5")  # the peak starts here
        before = [self.used(pid) for pid in pids]
        answer = ask()
        for who, pid, old in zip(("front", "keeper"), pids, before):
            ticks, peak = self.used(pid)
            # 50 ms, and the tick in which it began and the one in which it ended
            self.assertLessEqual((ticks - old[0]) * 1000 / TICK, 50 + 2000 / TICK,
                                 "%s: CPU ms of the %s" % (what, who))
            self.assertLess(peak - old[1], 32 * KIB, "%s: KiB of the %s" % (what, who))
        return answer

    def whole(self):
        self.assertEqual(self.house.request("GET", "/healthz").status, 200)
        state = self.house.api("GET", "/identities/portal").json
        return state["keys"], self.house.api("GET", "/identities/portal/certificates").text, \
            self.house.served(), self.house.api("GET", "/trust").text

    def refused(self, answer, words, what):
        self.assertEqual(answer.status // 100, 4, "%s: %s" % (what, answer.text))
        problem = answer.json
        self.assertRegex(problem["detail"] + " " + problem.get("hint", ""), words, what)
        self.assertNotEqual(problem["id"], "reader.stopped", what)
        self.assertLess(len(problem["detail"]), 300, what)
        return problem

    def recorded(self, action, refusal):
        e = self.house.api("GET", "/audit").json["events"][0]
        self.assertEqual((e["action"], e["outcome"]), (action, refusal))

    def test_P31_P33_hostile_answers_of_a_CA(self):
        before = self.whole()
        for what, data, words in files(self.leaf, self.ca.inter):
            with self.subTest(what=what):
                a = self.cheap(what, lambda d=data: self.house.check(d))
                problem = self.refused(a, words, what)
                self.recorded("certificate.check", problem["id"])
                self.assertEqual(self.house.install(data, override="I insist").status // 100, 4, what)
        self.assertEqual(self.whole(), before)

    def test_P31_hostile_key_files(self):
        before = self.whole()
        for what, data, words in keys():
            with self.subTest(what=what):
                a = self.cheap(what, lambda d=data: self.house.api(
                    "POST", "/identities/portal/keys/import",
                    {"file": base64.b64encode(d).decode(), "passphrase": "secret"}))
                problem = self.refused(a, words, what)
                self.recorded("key.import", problem["id"])
        self.assertEqual(self.whole(), before)

    def test_P31_hostile_CSRs(self):
        names = ",".join("DNS:n%d.example.com" % n for n in range(1400))
        big = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-keyout", self.ca.path("big.key"), "-subj", "/CN=a.example.com",
                      "-addext", "subjectAltName=" + names)
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096",
                "-out", self.ca.path("4096.key"))
        fine = openssl("req", "-new", "-key", self.ca.path("4096.key"), "-subj", "/CN=a.example.com")
        raw = base64.b64decode(b"".join(fine.splitlines()[1:-1]))
        for what, data, words in (
                ("1,400 names", big, "1000|names"), ("two CSRs", fine + fine, "more than one|two|several"),
                ("a CSR and more", raw + b"\0", "trailing|DER|bytes"), ("nothing", b"", "empty"),
                ("a cut CSR", raw[:-1], "DER"), ("prose", b"x" * 60000, "no CSR|CSR|DER"),
                ("a deep one", deep(10000), "deep|DER"), ("65 KiB", b"x" * (65 * KIB), "64 KiB|large|bytes"),
                ("a certificate", self.leaf, "certificate"),
                ("a key", openssl("genpkey", "-algorithm", "ED25519"), "private key")):
            with self.subTest(what=what):
                a = self.cheap(what, lambda d=data: self.house.request(
                    "POST", "/api/v1/csr/check", d, {"Content-Type": "application/pkcs10"}, unix=True))
                self.refused(a, words, what)

    def test_P31_hostile_bodies(self):
        for what, body, kind in (
                ("deep JSON", b"[" * 500000, "application/json"),
                ("wide JSON", b"[" + b"1," * 300000 + b"1]", "application/json"),
                ("one long string", b'{"name":"' + b"a" * 65000 + b'"}', "application/json"),
                ("a number of 60,000 digits", b'{"name":' + b"9" * 60000 + b"}", "application/json"),
                ("a form of 30,000 fields", b"a=b&" * 15000, "application/x-www-form-urlencoded"),
                ("percent signs", b"name=" + b"%" * 60000, "application/x-www-form-urlencoded"),
                ("compressed", gzip.compress(b'{"name":"x"}'), "application/json"),
                ("NUL in a string", b'{"name":"a\\u0000b"}', "application/json"),
                ("half a surrogate", b'{"name":"a\\ud800b"}', "application/json"),
                ("no UTF-8", b'{"name":"\xff\xfe"}', "application/json"),
                ("a name twice", b'{"name":"x","name":"y"}', "application/json")):
            with self.subTest(what=what):
                a = self.cheap(what, lambda b=body, k=kind: self.house.request(
                    "POST", "/api/v1/identities", b, {"Content-Type": k}, unix=True))
                self.assertEqual(a.status // 100, 4, "%s: %s" % (what, a.text))
                self.assertTrue(a.json["detail"])
        self.assertEqual(len(self.house.api("GET", "/identities").json["identities"]), 1)

    def test_P31_a_full_body_of_files_costs_the_front_little(self):
        """As much as is taken: 16 files that fill a mebibyte of JSON."""
        noise = random_bytes(40 * KIB)
        a = self.cheap("16 files", lambda: self.house.check(*[noise] * 16))
        self.assertEqual(a.status // 100, 4, a.text)
        a = self.cheap("17 files", lambda: self.house.check(*[b"x"] * 17))
        self.assertEqual(a.status // 100, 4, a.text)

    def test_P31_issuers_whose_keys_are_slow_to_use(self):
        """31 issuers of the leaf's issuer's name, with exponents as long as
        their moduli."""
        weakkeys.random.seed(7)
        p, q = weakkeys.prime(1536), weakkeys.prime(1536)
        e = random.Random(7).getrandbits(3000) | 1 << 2999 | 1
        while math.gcd(e, math.lcm(p - 1, q - 1)) != 1:
            e += 2
        ca, name = self.ca, "/O=Example/CN=Example TLS CA 1"
        key = ca.write("slow.key", weakkeys.rsa(p, q, e))
        ext = ca.write("slow.ext", b"basicConstraints=critical,CA:TRUE\n")
        csr = openssl("req", "-new", "-key", key, "-subj", name)
        many = [openssl("x509", "-req", "-signkey", key, "-days", "30", "-set_serial", str(n + 1),
                        "-extfile", ext, stdin=csr) for n in range(30)]
        # no key identifier tells which of them it was
        bare = openssl("x509", "-req", "-CA", ca.write("i.pem", ca.inter), "-CAkey", ca.inter_key,
                       "-days", "30", "-set_serial", "77", "-copy_extensions", "copy", "-extfile",
                       ca.write("bare.ext", b"extendedKeyUsage=serverAuth\n"), stdin=self.csr.encode())
        a = self.cheap("slow issuers", lambda: self.house.check(bare + b"".join(many)))
        self.assertEqual(a.status, 200, a.text)
        self.assertEqual(len(a.json["chain"]), 1, "none of them signed it")


if __name__ == "__main__":
    tap.main()
