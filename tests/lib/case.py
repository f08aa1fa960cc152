"""What most tests of the API and the pages begin with: one house for all tests
of a class, its first Super Admin, and what is asked of it again and again."""

import html
import re
import unittest

from house import PASSWORD, Browser, House


class Case(unittest.TestCase):
    @classmethod
    def build(cls):
        """The house of this class, started."""
        return House()

    @classmethod
    def setUpClass(cls):
        cls.house = cls.build()
        cls.house.admin("root")

    @classmethod
    def tearDownClass(cls):
        cls.house.close()

    def signed_in(self, name="root", password=PASSWORD, house=None, source=None):
        b = Browser(house or self.house, source)
        page = b.sign_in(name, password)
        self.assertEqual((page.status, page.path), (200, "/components"), page.text)
        return b

    def identity(self, name, key=None):
        """A fresh one, and its key when a type is given."""
        a = self.house.api("POST", "/identities", {"name": name})
        self.assertEqual(a.status, 201, a.text)
        if key:
            a = self.house.api("POST", "/identities/%s/keys" % name, {"type": key})
            self.assertEqual(a.status, 201, a.text)
        return name

    def events(self, text, house=None):
        return (house or self.house).api("GET", "/audit?text=" + text).json["events"]

    def refused(self, answer, status, refusal, field=None):
        self.assertEqual((answer.status, answer.json["id"]), (status, refusal), answer.text)
        self.assertEqual(answer.json.get("field"), field, answer.text)

    def wrong(self, page, field):
        """What stands beside the field, tied to it for assistive technology;
        beside that field and no other."""
        control = re.search(r'<(?:input|select|textarea)\b[^>]* name="%s"[^>]*>' % field, page.text)
        self.assertTrue(control, "no field " + field)
        self.assertIn('aria-invalid="true"', control.group(0))
        described = re.search(r'aria-describedby="([^"]*)"', control.group(0)).group(1).split()
        small = re.search(r'<small class="wrong" id="([^"]*)">(.*?)</small>', page.text, re.S)
        self.assertIn(small.group(1), described)
        self.assertEqual(page.text.count('aria-invalid="true"'), 1)
        return html.unescape(small.group(2))
