"""HTTP as strangers speak it: raw bytes over TLS against a real daemon."""

import json
import re
import socket
import ssl
import subprocess
import unittest

import tap
from house import BUILD, Browser, House

FORM = "application/x-www-form-urlencoded"


def routes():
    text = subprocess.run([BUILD + "/certwrightd", "--dump-routes"], capture_output=True,
                          check=True).stdout
    return json.loads(text)


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.house.admin("root")

    @classmethod
    def tearDownClass(cls):
        cls.house.close()

    def signed_in(self):
        b = Browser(self.house)
        self.assertEqual(b.sign_in().status, 200)
        return b

    # -- who may see what ----------------------------------------------------
    def test_P22_a_strangers_post_does_not_show_the_page_behind_the_form(self):
        for r in routes():
            if r["method"] == "GET" or r["public"] or not r["portal_path"]:
                continue
            path = re.sub(r"\{[^}]*\}", "x", r["portal_path"])
            for origin in (self.house.url, "https://evil.example"):
                a = self.house.request("POST", path, "a=b", {"Content-Type": FORM, "Origin": origin})
                self.assertEqual(a.status, 401, path)
                self.assertNotIn("root@example.com", a.text, path)
                self.assertNotIn("<form", a.text, path)


if __name__ == "__main__":
    tap.main()
