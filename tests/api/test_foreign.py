"""CSRs that strangers make: each item gets its disposition, from the check and
from every card alike, or the CSR is refused in words."""

import os
import shutil
import tempfile
import unittest

import tap
from asn1 import der, oid
from ca import openssl
from house import House

CARDS = ["adcs-webserver", "letsencrypt", "private", "public-dv", "public-ov"]
EXTENSIONS, MS_EXTENSIONS = "1.2.840.113549.1.9.14", "1.3.6.1.4.1.311.2.1.14"
SAN, BC = "2.5.29.17", "2.5.29.19"
UTF8, PRINTABLE, T61, BMP, UNIVERSAL = 0x0c, 0x13, 0x14, 0x1e, 0x1c


def seq(*parts):
    return der(0x30, b"".join(parts))


def rdn(*attributes):
    """Of (dotted, tag, bytes)."""
    return der(0x31, b"".join(seq(oid(d), der(tag, value)) for d, tag, value in attributes))


def name(cn=b"a.example.com", *more):
    return seq(rdn(("2.5.4.3", UTF8, cn)), *more)


def extension(dotted, value, critical=False):
    return seq(oid(dotted), der(1, b"\xff") if critical else b"", der(4, value))


def attribute(dotted, *values):
    return seq(oid(dotted), der(0x31, b"".join(values)))


def asks(*extensions, dialect=EXTENSIONS):
    return attribute(dialect, seq(*extensions))


def dns(*names):
    return extension(SAN, seq(*[der(0x82, n) for n in names]))


class Foreign(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.dir = tempfile.mkdtemp(prefix="cw-foreign-")
        cls.key = cls.make_key("key", "ec_paramgen_curve:P-256")
        cls.spki = openssl("pkey", "-in", cls.key, "-pubout", "-outform", "DER")

    @classmethod
    def tearDownClass(cls):
        cls.house.close()
        shutil.rmtree(cls.dir)

    @classmethod
    def make_key(cls, file, *options):
        path = os.path.join(cls.dir, file)
        options = [x for o in options for x in ("-pkeyopt", o)]
        with open(path, "wb") as f:
            f.write(openssl("genpkey", "-algorithm", "EC", *options))
        return path

    def csr(self, subject, *attributes, spki=None, key=None):
        """Signed by the key as it stands, whatever it asks for."""
        info = seq(der(2, b"\0"), subject, spki or self.spki, der(0xa0, b"".join(attributes)))
        signature = openssl("dgst", "-sha256", "-sign", key or self.key, stdin=info)
        return seq(info, seq(oid("1.2.840.10045.4.3.2")), der(3, b"\0" + signature))

    def ask(self, path, csr):
        return self.house.request("POST", "/api/v1" + path, csr,
                                  {"Content-Type": "application/pkcs10"}, unix=True)

    def sheets(self, csr):
        """{card or "check": {item: disposition}}; the laws hold for all of them."""
        a = self.ask("/csr/check", csr)
        self.assertEqual(a.status, 200, a.text)
        asked = [d["item"] for d in a.json["dispositions"]]
        found = {"check": {d["item"]: d for d in a.json["dispositions"]}}
        self.assertEqual(len(asked), len(set(asked)), "each item once")
        for card in CARDS:
            a = self.ask("/csr/preview?authority=" + card, csr)
            self.assertEqual(a.status, 200, a.text)
            items = [d["item"] for d in a.json["dispositions"]]
            self.assertEqual(len(items), len(set(items)), "each item once")
            self.assertEqual(set(asked) - set(items), set(), "nothing vanishes")
            found[card] = {d["item"]: d for d in a.json["dispositions"]}
            for item in set(items) - set(asked):
                self.assertIsNone(found[card][item]["asked"], item)
            refused = any(d["outcome"] == "refused" for d in a.json["dispositions"])
            self.assertEqual(refused, a.json["verdict"] == "refuse")
        return found

    def refused_everywhere(self, csr, item, rule):
        for who, sheet in self.sheets(csr).items():
            self.assertIn(item, sheet, who)
            self.assertEqual((sheet[item]["outcome"], sheet[item]["rule"]), ("refused", rule), who)
            self.assertTrue(sheet[item]["reason"] and sheet[item]["reference"])

    def not_read(self, csr, refusal):
        for path in ["/csr/check"] + ["/csr/preview?authority=" + c for c in CARDS]:
            a = self.ask(path, csr)
            self.assertEqual(a.json["id"], refusal, a.text)
            self.assertIn(a.status, (400, 413))

    def test_what_is_well_formed_is_granted_somewhere(self):
        got = self.sheets(self.csr(name(), asks(dns(b"a.example.com"))))
        self.assertEqual(got["private"]["san.dns:a.example.com"]["outcome"], "granted")
        self.assertEqual(got["check"]["subject.CN"]["granted"], "a.example.com")

    def test_a_wrong_signature(self):
        csr = bytearray(self.csr(name(), asks(dns(b"a.example.com"))))
        csr[csr.index(b"a.example.com")] = ord("b")
        self.refused_everywhere(bytes(csr), "signature", "csr.proof")

    def test_broken_hashes(self):
        for digest in ("-sha1", "-md5"):
            csr = openssl("req", "-new", digest, "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null",
                          "-subj", "/CN=a.example.com", "-outform", "DER")
            self.refused_everywhere(csr, "signature", "csr.signature.weak")

    def test_explicit_EC_parameters(self):
        key = self.make_key("explicit", "ec_paramgen_curve:P-256", "ec_param_enc:explicit")
        spki = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")
        self.refused_everywhere(self.csr(name(), spki=spki, key=key), "key", "csr.key")

    def test_an_extension_twice_and_two_dialects_that_disagree(self):
        for attributes in ([asks(dns(b"a.example.com"), dns(b"b.example.com"))],
                           [asks(dns(b"a.example.com")), asks(dns(b"b.example.com"))],
                           [asks(dns(b"a.example.com")),
                            asks(dns(b"b.example.com"), dialect=MS_EXTENSIONS)]):
            self.refused_everywhere(self.csr(name(), *attributes), "ext." + SAN, "csr.extension")

    def test_an_attribute_twice(self):
        challenge = attribute("1.2.840.113549.1.9.7", der(UTF8, b"hunter2"))
        csr = self.csr(name(), challenge, challenge)
        self.refused_everywhere(csr, "attr.1.2.840.113549.1.9.7", "csr.attribute")
        self.assertNotIn("hunter2", self.ask("/csr/check", csr).text)

    def test_every_kind_of_name_has_its_item(self):
        other = der(0xa0, oid("1.2.3.4") + der(0xa0, der(UTF8, b"hello")))
        names = [other, der(0x81, b"x@example.com"), der(0x82, b"a.example.com"),
                 der(0xa4, name(b"Someone")), der(0x86, b"https://a.example.com/"),
                 der(0x87, bytes([192, 0, 2, 1])), der(0x87, bytes(15) + b"\1"), der(0x88, oid("1.2.3")[2:])]
        got = self.sheets(self.csr(name(), asks(extension(SAN, seq(*names)))))["check"]
        for item in ("san.1.2.3.4:hello", "san.email:x@example.com", "san.dns:a.example.com",
                     "san.uri:https://a.example.com/", "san.ip:192.0.2.1", "san.ip:::1", "san.rid:1.2.3"):
            self.assertIn(item, got)
        self.assertTrue([i for i in got if i.startswith("san.dirName:")], list(got))

    def test_NUL_and_control_and_bidi_characters_in_names(self):
        for bad in (b"a.example.com\0.evil.example", b"a\x1b[31m.example.com", "a\u202eb.example.com".encode(),
                    b"a\n.example.com"):
            got = self.sheets(self.csr(seq(), asks(dns(bad))))
            for who, sheet in got.items():
                san = [d for i, d in sheet.items() if i.startswith("san.")]
                self.assertEqual([d["outcome"] for d in san], ["refused"], (who, bad))
                self.assertNotRegex(san[0]["asked"], r"[\x00-\x1f\x7f\u202a-\u202e]")

    def test_outdated_encodings_are_read_and_noted(self):
        for tag, value in ((BMP, "Bücher".encode("utf-16-be")), (UNIVERSAL, "Bücher".encode("utf-32-be")),
                           (T61, "Bücher".encode("latin-1"))):
            csr = self.csr(name(b"a.example.com", rdn(("2.5.4.10", tag, value))), asks(dns(b"a.example.com")))
            self.assertEqual(self.sheets(csr)["private"]["subject.O"]["asked"], "Bücher")
            self.assertTrue([n for n in self.ask("/csr/check", csr).json["notes"] if "outdated" in n])

    def test_several_attributes_in_one_RDN(self):
        csr = self.csr(seq(rdn(("2.5.4.10", UTF8, b"Example"), ("2.5.4.3", UTF8, b"a.example.com"))),
                       asks(dns(b"a.example.com")))
        got = self.sheets(csr)["private"]
        self.assertEqual((got["subject.O"]["granted"], got["subject.CN"]["granted"]), ("Example", "a.example.com"))

    def test_an_unknown_critical_extension_is_never_copied(self):
        csr = self.csr(name(), asks(dns(b"a.example.com"), extension("1.2.3.5", der(UTF8, b"odd"), True)))
        for who, sheet in self.sheets(csr).items():
            if who != "check":
                self.assertEqual(sheet["ext.1.2.3.5"]["outcome"], "dropped", who)

    def test_a_wish_to_be_a_CA(self):
        wish = extension(BC, seq(der(1, b"\xff"), der(2, b"\3")), True)
        for who, sheet in self.sheets(self.csr(name(), asks(dns(b"a.example.com"), wish))).items():
            if who != "check":
                self.assertNotEqual(sheet["basicConstraints.ca"]["granted"], "TRUE", who)
                self.assertEqual(sheet["basicConstraints.pathlen"]["outcome"], "dropped", who)

    def test_a_common_name_that_is_too_long_is_granted_by_nobody(self):
        for cn in (b"a" * 65, b"b" * 60 + b".example.com"):
            sheets = self.sheets(self.csr(name(cn), asks(dns(b"a.example.com"))))
            for who, sheet in sheets.items():
                self.assertNotEqual(sheet["subject.CN"]["outcome"], "granted", (who, cn))
            self.assertEqual(sheets["private"]["subject.CN"]["rule"], "csr.subject.length")

    def test_an_empty_subject(self):
        got = self.sheets(self.csr(seq(), asks(dns(b"a.example.com"))))
        self.assertEqual(got["letsencrypt"]["subject.CN"]["outcome"], "added")
        self.assertNotIn("subject.CN", got["private"])
        nothing = self.ask("/csr/check", self.csr(seq()))
        self.assertIn("the CSR names nothing: neither subject nor alternative name", nothing.json["notes"])

    def test_what_is_no_strict_DER_or_too_much_is_not_read(self):
        csr = self.csr(name(), asks(dns(b"a.example.com")))
        self.not_read(csr + b"\0", "csr.der")
        self.not_read(csr[:-1], "csr.der")
        many = self.csr(name(), asks(dns(*[b"n%d.example.com" % i for i in range(1001)])))
        self.not_read(many, "csr.too-many")
        huge = self.csr(name(), asks(dns(*[b"n%d.example.com" % i for i in range(4000)])))
        self.not_read(huge, "csr.too-large")
        more = self.csr(name(), asks(dns(*[b"n%d.example.com" % i for i in range(10000)])))
        self.not_read(more, "http.body")


if __name__ == "__main__":
    tap.main()
