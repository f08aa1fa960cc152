"""CSRs that strangers make, from the command line: what `csr check` and `request
submit` say of each kind of bad input, and with which exit code."""

import json
import os
import re
import subprocess
import unittest

import tap
from foreign import Strangers
from house import BUILD, House


class Foreign(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.made = Strangers()
        assert cls.house.api("POST", "/cas", {"name": "house"}).status == 201

    @classmethod
    def tearDownClass(cls):
        cls.house.close()
        cls.made.close()

    def file(self, csr):
        path = os.path.join(self.made.dir, "a.csr")
        with open(path, "wb") as f:
            f.write(csr)
        return path

    def run_(self, *args):
        """Exit code and all that is said, in one line."""
        r = subprocess.run([os.path.join(BUILD, "certwright"), "--data-dir", self.house.data] + list(args),
                           capture_output=True, text=True, timeout=60)
        self.assertNotRegex(r.stdout + r.stderr, r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]")
        return r.returncode, re.sub(r"\s+", " ", r.stdout + r.stderr)

    def both(self, csr):
        path = self.file(csr)
        return (("csr check", self.run_("csr", "check", path)),
                ("request submit", self.run_("request", "submit", path, "--authority", "house")))

    def test_V20_what_is_ambiguous_or_malformed_is_refused_with_its_reference(self):
        for what, csr, item, rule, reference in self.made.refused():
            for command, (code, said) in self.both(csr):
                with self.subTest(what, command=command):
                    self.assertEqual(code, 5, said)
                    self.assertIn(item, said)
                    self.assertIn(reference, said)
                    self.assertNotIn("hunter2", said)
            sheet = json.loads(self.run_("csr", "check", self.file(csr), "--json")[1])
            self.assertIn(("refused", rule), {(d["outcome"], d.get("rule")) for d in sheet["dispositions"]}, what)

    def test_a_subject_that_is_no_text_is_refused(self):
        for what, csr in self.made.bad_text():
            for command, (code, said) in self.both(csr):
                with self.subTest(what, command=command):
                    self.assertEqual(code, 5, said)
                    self.assertIn("RFC 5280 section 4.1.2.4", said)

    def test_what_is_no_strict_DER_or_too_much_is_not_read(self):
        cases = [(what, csr, words) for what, csr, _, words in self.made.unreadable()]
        for what, csr, words in cases + [("10,000 names", self.made.ten_thousand_names(), "65536")]:
            for command, (code, said) in self.both(csr):
                with self.subTest(what, command=command):
                    self.assertEqual(code, 6, said)
                    self.assertIn(words, said)

    def test_V19_what_is_odd_is_issued_without_it(self):
        for what, csr, items in self.made.issued():
            path = self.file(csr)
            code, said = self.run_("request", "submit", path, "--authority", "house", "--json")
            with self.subTest(what):
                o = json.loads(said)
                got = {d["item"]: d["outcome"] for d in o["dispositions"]}
                self.assertEqual(code, 0 if o["verdict"] == "issue" else 3)
                self.assertEqual({i: got[i] for i in items}, {i: outcome for i, (outcome, _) in items.items()})
                self.assertIn("BEGIN CERTIFICATE", o["certificate"])
                self.assertIn(self.run_("csr", "check", path)[0], (0, 3))
                self.assertEqual(self.run_("request", "submit", path, "--authority", "house")[0], code)


if __name__ == "__main__":
    tap.main()
