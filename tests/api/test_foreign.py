"""CSRs that strangers make: each item gets its disposition, from the check, from
every card and from our own authority alike, or the CSR is refused in words."""

import os
import subprocess
import unittest

import tap
from asn1 import der
from ca import openssl
from foreign import MS_EXTENSIONS, Strangers, asks, dns, extension, name, seq
from house import House

CARDS = ["adcs-webserver", "letsencrypt", "private", "public-dv", "public-ov"]
OWN = "house"


class Foreign(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.made = Strangers()
        a = cls.house.api("POST", "/cas", {"name": OWN})
        assert a.status == 201, a.text
        cls.roots = cls.write("root.pem", a.json["root"])
        cls.issuing = cls.write("issuing.pem", a.json["issuing"])

    @classmethod
    def tearDownClass(cls):
        cls.house.close()
        cls.made.close()

    @classmethod
    def write(cls, file, text):
        path = os.path.join(cls.made.dir, file)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def ask(self, path, csr):
        return self.house.request("POST", "/api/v1" + path, csr,
                                  {"Content-Type": "application/pkcs10"}, unix=True)

    def submit(self, csr):
        return self.ask("/authorities/%s/requests" % OWN, csr)

    def sheets(self, csr):
        """{card or "check": {item: disposition}}; the laws hold for all of them."""
        a = self.ask("/csr/check", csr)
        self.assertEqual(a.status, 200, a.text)
        asked = [d["item"] for d in a.json["dispositions"]]
        found = {"check": {d["item"]: d for d in a.json["dispositions"]}}
        self.assertEqual(len(asked), len(set(asked)), "each item once")
        for card in CARDS + [OWN]:
            a = self.ask("/csr/preview?authority=" + card, csr)
            self.assertEqual(a.status, 200, a.text)
            found[card] = self.sheet(asked, a)
        found["submit"] = self.sheet(asked, self.submit(csr))
        self.assertEqual({i: d["outcome"] for i, d in found["submit"].items()},
                         {i: d["outcome"] for i, d in found[OWN].items()}, "M30: as the preview said")
        return found

    def sheet(self, asked, answer):
        items = [d["item"] for d in answer.json["dispositions"]]
        self.assertEqual(len(items), len(set(items)), "each item once")
        self.assertEqual(set(asked) - set(items), set(), "nothing vanishes")
        found = {d["item"]: d for d in answer.json["dispositions"]}
        for item in set(items) - set(asked):
            self.assertIsNone(found[item]["asked"], item)
        refused = any(d["outcome"] == "refused" for d in answer.json["dispositions"])
        self.assertEqual(refused, answer.json["verdict"] == "refuse")
        return found

    def issued(self, csr):
        """The answer, and what openssl reads in a certificate that verifies."""
        a = self.submit(csr)
        self.assertEqual(a.status, 201, a.text)
        leaf = self.write("leaf.pem", a.json["certificate"])
        r = subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile", self.roots, "-untrusted",
                            self.issuing, leaf], capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stderr)
        return a.json, openssl("x509", "-in", leaf, "-noout", "-text", "-nameopt", "utf8,sep_comma_plus").decode()

    def test_what_is_well_formed_is_granted_somewhere(self):
        got = self.sheets(self.made.plain())
        self.assertEqual(got["private"]["san.dns:a.example.com"]["outcome"], "granted")
        self.assertEqual(got["check"]["subject.CN"]["granted"], "a.example.com")

    def test_V20_what_is_ambiguous_or_malformed_is_refused_by_all_of_them(self):
        for what, csr, item, rule, reference in self.made.refused():
            with self.subTest(what):
                before = len(self.house.api("GET", "/issued").json["issued"])
                for who, sheet in self.sheets(csr).items():
                    self.assertIn(item, sheet, who)
                    self.assertEqual((sheet[item]["outcome"], sheet[item]["rule"], sheet[item]["reference"]),
                                     ("refused", rule, reference), who)
                    self.assertIn("(RFC 5480 section 2.1.1)" if "explicit" in what else "", sheet[item]["reason"])
                    self.assertTrue(sheet[item]["reason"], who)
                    self.assertNotIn("hunter2", str(sheet))
                    self.assertNotRegex(str(sheet[item]["asked"]), r"[\x00-\x1f\x7f\u202a-\u202e]")
                a = self.submit(csr)
                self.assertEqual((a.status, a.json["id"]), (422, "submit.refused"))
                self.assertEqual(len(self.house.api("GET", "/issued").json["issued"]), before)

    def test_a_subject_that_is_no_text_is_refused_by_who_would_grant_it(self):
        for what, csr in self.made.bad_text():
            with self.subTest(what):
                got = self.sheets(csr)
                for who in ("check", "private", OWN, "submit"):
                    self.assertEqual((got[who]["subject.O"]["outcome"], got[who]["subject.O"]["rule"],
                                      got[who]["subject.O"]["reference"]),
                                     ("refused", "csr.subject.text", "RFC 5280 section 4.1.2.4"), who)
                self.assertEqual(got["letsencrypt"]["subject.O"]["outcome"], "dropped")
                self.assertNotRegex(got["check"]["subject.O"]["asked"], r"[\x00-\x1f\x7f\u202a-\u202e]")

    def test_what_is_no_strict_DER_or_too_much_is_not_read(self):
        cases = [(what, csr, refusal, words, (400, 413)) for what, csr, refusal, words in self.made.unreadable()]
        cases.append(("10,000 names", self.made.ten_thousand_names(), "http.body", "", (413,)))
        for what, csr, refusal, words, statuses in cases:
            for path in ["/csr/check", "/authorities/%s/requests" % OWN] + \
                    ["/csr/preview?authority=" + c for c in CARDS + [OWN]]:
                with self.subTest(what, path=path):
                    a = self.ask(path, csr)
                    self.assertEqual(a.json["id"], refusal, a.text)
                    self.assertIn(a.status, statuses)
                    self.assertIn(words, a.json["detail"])

    def test_V19_what_is_odd_is_issued_without_it(self):
        for what, csr, items in self.made.issued():
            with self.subTest(what):
                sheets = self.sheets(csr)
                a, _ = self.issued(csr)
                got = self.sheet(sheets["check"], self.submit(csr))
                for item, (outcome, granted) in items.items():
                    for sheet in (got, sheets[OWN]):
                        self.assertEqual(sheet[item]["outcome"], outcome, item)
                        if granted or outcome == "dropped":
                            self.assertEqual(sheet[item]["granted"], granted, item)
                asked = {i for i, d in got.items() if d["asked"] is not None}
                self.assertEqual(asked, set(sheets["check"]), "asked is what the check lists")
                same = all(d["outcome"] == "granted" for i, d in got.items() if d["asked"] is not None)
                self.assertEqual(a["verdict"], "issue" if same else "amend")

    def test_P17_nothing_odd_is_in_the_certificate(self):
        absent = {"every kind of name": ["hello", "Someone", "party", "x@example.com", "https://a.example.com"],
                  "an unknown critical extension": ["1.2.3.5", "odd"],
                  "a wish to be a CA": ["CA:TRUE", "Certificate Sign", "CRL Sign", "pathlen"],
                  "an attribute": ["hunter2", "challenge"]}
        present = {"BMPString": ["B\u00fccher"], "UniversalString": ["B\u00fccher"], "T61String": ["B\u00fccher"],
                   "a multi-valued RDN": ["Subject: O=Example,CN=a.example.com"],
                   "an empty subject": ["Subject Alternative Name: critical"],
                   "Microsoft's dialect": ["DNS:a.example.com"], "two dialects, the same": ["DNS:a.example.com"]}
        for what, csr, _ in self.made.issued():
            with self.subTest(what):
                text = self.issued(csr)[1]
                for word in absent.get(what, []):
                    self.assertNotIn(word, text)
                for word in present.get(what, []):
                    self.assertIn(word, text)

    def test_outdated_encodings_and_attributes_in_one_RDN_are_noted(self):
        for what, csr, _ in self.made.issued():
            notes = " ".join(self.ask("/csr/check", csr).json["notes"])
            self.assertEqual("outdated" in notes, what.endswith("String"), what)
            self.assertEqual("multi-valued" in notes, "multi-valued" in what, what)

    def test_an_unknown_critical_extension_is_never_copied(self):
        csr = self.made.plain(extension("1.2.3.5", der(0x0c, b"odd"), True))
        for who, sheet in self.sheets(csr).items():
            if who != "check":
                self.assertEqual(sheet["ext.1.2.3.5"]["outcome"], "dropped", who)

    def test_a_common_name_that_is_too_long_is_granted_by_nobody(self):
        for cn in (b"a" * 65, b"b" * 60 + b".example.com"):
            sheets = self.sheets(self.made.csr(name(cn), asks(dns(b"a.example.com"))))
            for who, sheet in sheets.items():
                self.assertNotEqual(sheet["subject.CN"]["outcome"], "granted", (who, cn))
            self.assertEqual(sheets["private"]["subject.CN"]["rule"], "csr.subject.length")

    def test_an_empty_subject(self):
        got = self.sheets(self.made.csr(seq(), asks(dns(b"a.example.com"))))
        self.assertEqual(got["letsencrypt"]["subject.CN"]["outcome"], "added")
        self.assertNotIn("subject.CN", got["private"])
        csr = self.made.csr(seq())
        self.assertIn("the CSR names nothing: neither subject nor alternative name",
                      self.ask("/csr/check", csr).json["notes"])
        sheet = self.sheets(csr)["submit"]
        self.assertEqual((sheet["subject"]["outcome"], sheet["subject"]["reference"]),
                         ("refused", "RFC 5280 section 4.1.2.6"))

    def test_which_dialect_it_is_does_not_matter(self):
        usual = self.sheets(self.made.csr(name(), asks(dns(b"a.example.com"))))
        other = self.sheets(self.made.csr(name(), asks(dns(b"a.example.com"), dialect=MS_EXTENSIONS)))
        for who, sheet in usual.items():
            self.assertEqual({i: d["outcome"] for i, d in sheet.items()},
                             {i: d["outcome"] for i, d in other[who].items()}, who)


if __name__ == "__main__":
    tap.main()
