"""200 subjects made at random from a fixed seed, under every key type: they
come out of the CSR byte for byte, and OpenSSL and GnuTLS find each right."""

import concurrent.futures
import random
import re
import subprocess
import unittest

import tap
from house import House

SUBJECTS = 200
TYPES = ["rsa:2048", "rsa:3072", "rsa:4096", "ec:P-256", "ec:P-384", "ec:P-521", "ed25519"]
ALPHABETS = [
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "0123456789", " ", ",+\"\\<>;=#/'&@%",
    "!$()*-.:?[]^_`{|}~", "àéîõüçÀÉÎÕÜÇßœæøåñ", "αβγδεζηθΑΒΓΔΕΖΗΘ", "абвгдежзАБВГДЕЖЗ",
    "אבגדהוזח", "ابتثجحخد", "日本国会社株式東京", "한국회사서울", "กขฃคฅฆง", "e\u0301a\u0308n\u0303",
    "😀🏢🔐𝔘𝔫𝔦", "\u00a0\u00ad\u200b\ufeff",
]
BLANKS = " " + ALPHABETS[-1]
COUNTRIES = ["US", "GB", "DE", "BR", "JP", "IL", "EG", "KR", "TH", "GR", "UA", "NO"]
LABELS = ["portal", "www", "a", "x-1", "0", "münchen", "пример", "例え", "xn--mnchen-3ya", "l" * 63]
# the attribute's name as OpenSSL prints it, the field, its bound in characters
FIELDS = [("countryName", "country", 2), ("stateOrProvinceName", "state", 128),
          ("localityName", "locality", 128), ("organizationName", "organization", 64),
          ("organizationalUnitName", "unit", 64), ("commonName", "common_name", 64),
          ("emailAddress", "email", 255)]


def text(rng, bound):
    n = rng.choice([1, 2, rng.randint(3, 20), bound - 1, bound])
    alphabets = rng.sample(ALPHABETS, rng.randint(1, 3))
    made = "".join(rng.choice(rng.choice(alphabets)) for _ in range(n))
    return made if made.strip(BLANKS) else text(rng, bound)  # blanks alone are refused


def ascii_name(name):
    return ".".join(part if part.isascii() else "xn--" + part.encode("punycode").decode()
                    for part in name.lower().split("."))


def dns(rng, bound=253):
    while True:
        labels = [rng.choice(LABELS) for _ in range(rng.randint(1, 4))]
        name = ".".join(labels + [rng.choice(["example.com", "EXAMPLE.org", "example.co.uk"])])
        if rng.random() < 0.15:
            name = "*." + name
        if len(ascii_name(name)) <= bound:
            return name


def email(rng):
    local = "".join(rng.choice("abcXYZ019.!#$%&'*+/=?^_`{|}~-") for _ in range(rng.randint(1, 64)))
    local = re.sub(r"\.+", ".", local).strip(".") or "a"
    return local + "@" + rng.choice(["example.com", "mail.example.org"])


def subject(rng, n):
    wish = {"country": rng.choice(COUNTRIES), "common_name": dns(rng, 64), "email": email(rng)}
    for _, field, bound in FIELDS[1:5]:
        wish[field] = text(rng, bound)
    wish["names"] = [dns(rng) for _ in range(rng.choice([0, 0, 1, 3, 12] + [98] * (n % 40 == 0)))]
    return wish


class Subjects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.identities = []
        for kind in TYPES:
            name = "of-" + re.sub("[^a-z0-9]", "-", kind.lower())
            cls.house.api("POST", "/identities", {"name": name})
            a = cls.house.api("POST", "/identities/%s/keys" % name, {"type": kind})
            assert a.status == 201, a.text
            cls.identities.append((name, kind))

    @classmethod
    def tearDownClass(cls):
        cls.house.close()

    def judge(self, job):
        n, wish, (identity, kind) = job
        body = dict(wish)
        if kind != "ed25519" and n % 3:
            body["digest"] = ["sha256", "sha384", "sha512"][n % 5 % 3]
        a = self.house.api("POST", "/identities/%s/requests" % identity, body)
        if a.status != 201:
            return "refused: " + a.text
        pem = a.json["pem"].encode()
        r = subprocess.run(["openssl", "req", "-noout", "-verify", "-subject", "-text", "-nameopt",
                            "sep_multiline,lname,utf8"], input=pem, capture_output=True)
        said = r.stdout.decode(), r.stderr.decode()
        if "verify OK" not in said[0] + said[1]:
            return "OpenSSL: " + said[1]
        for name, field, _ in FIELDS:
            want = ascii_name(wish[field]) if field == "common_name" else wish[field]
            line = "\n    %s=%s\n" % (name, want)
            if line not in "\n" + said[0].split("subject=", 1)[1].split("Certificate Request:")[0]:
                return "OpenSSL does not show %r: %s" % (line, said[0])
        want = list(dict.fromkeys(ascii_name(x) for x in [wish["common_name"]] + wish["names"]))
        have = re.findall(r"DNS:([^,\s]+)", said[0])
        if have != want:
            return "names: %s, not %s" % (have, want)
        r = subprocess.run(["certtool", "--crq-info"], input=pem, capture_output=True)
        said = (r.stdout + r.stderr).decode(errors="replace")
        if r.returncode != 0 or "Self signature: verified" not in said:
            return "GnuTLS: " + said
        if re.findall(r"DNSname: (\S+)", said) != want:
            return "GnuTLS has other names: " + said
        return None

    def test_V7_V11_V13_200_subjects_are_right_for_OpenSSL_and_GnuTLS(self):
        rng = random.Random(20261124)
        jobs = [(n, subject(rng, n), self.identities[n % len(TYPES)]) for n in range(SUBJECTS)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for job, fault in zip(jobs, pool.map(self.judge, jobs)):
                with self.subTest(number=job[0]):
                    self.assertIsNone(fault, "%s\nof %r" % (fault, job[1:]))

    def test_V10_one_character_too_many_or_none_to_be_seen_is_refused_at_its_field(self):
        rng = random.Random(1)
        good = subject(rng, 1)
        for _, field, bound in FIELDS[1:5]:
            for c in "x", "é", "😀":
                body = dict(good, **{field: c * (bound + 1)})
                a = self.house.api("POST", "/identities/of-ec-p-256/requests", body)
                self.assertEqual((a.status, a.json["field"]), (400, field), a.text)
                self.assertIn(str(bound), a.json["detail"])
            for blank in "", " ", BLANKS:
                a = self.house.api("POST", "/identities/of-ec-p-256/requests", dict(good, **{field: blank}))
                self.assertEqual((a.status, a.json["field"]), (400, field), a.text)


if __name__ == "__main__":
    tap.main()
