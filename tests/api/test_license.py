"""A vendor's licence: what it limits, and each file that is none (V55, docs/licence.md)."""

import base64
import json
import time
import unittest

import tap
from ca import openssl
from case import Case
from house import SEAMS, House
from servers import Folder

DAY = 86400


def vendor(folder, name, subject="/CN=vendor", key="ec", options=("-pkeyopt", "ec_paramgen_curve:P-256")):
    """A key and its certificate; the path of the latter."""
    openssl("req", "-x509", "-newkey", key, *options, "-nodes", "-days", "30", "-subj", subject,
            "-keyout", folder.file(name + ".key"), "-out", folder.file(name + ".pem"))
    return folder.file(name + ".pem")


class Signed(Case):
    @classmethod
    def build(cls):
        cls.folder = Folder()
        cls.vendor = vendor(cls.folder, "vendor")
        targets = cls.folder.write("targets", "[web]\nkind = files\ncombined = %s\n" % cls.folder.file("web.pem"))
        return House(options=["--license-key", cls.vendor, "--targets", targets])

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.folder.close()

    def sign(self, *options, name="vendor", **members):
        text = {"version": 1, "licensee": "Example Ltd", "expires": "2099-12-31"}
        text.update(members)
        inside = self.folder.write("licence.json", json.dumps(text))
        out = self.folder.file("licence.cms")
        openssl("cms", "-sign", "-binary", "-nodetach", "-nocerts", "-md", "sha256", "-in", inside,
                "-signer", self.folder.file(name + ".pem"), "-inkey", self.folder.file(name + ".key"),
                "-outform", "DER", "-out", out, *options)
        with open(out, "rb") as f:
            return f.read()

    def upload(self, data, status=200, house=None):
        a = (house or self.house).api("PUT", "/license", {"content": base64.b64encode(data).decode()})
        self.assertEqual(a.status, status, a.text)
        return a.json

    def refused(self, data, id, words, house=None):
        a = (house or self.house).api("PUT", "/license", {"content": base64.b64encode(data).decode()})
        self.assertEqual(a.json.get("id"), id, a.text)
        self.assertRegex(a.json["detail"], words)
        self.assertTrue(a.json["hint"], "what to do next")

    def tenant(self, name, status=201):
        a = self.house.api("POST", "/tenants", {"name": name})
        self.assertEqual(a.status, status, a.text)
        return a.json

    def pull(self, name, status=201):
        a = self.house.api("POST", "/components/pull", {"name": name, "authority": "letsencrypt",
                                                        "names": [name + ".example.com"]})
        self.assertEqual(a.status, status, a.text)
        return a.json


class License(Signed):
    def test_V55_a_licence_limits_new_tenants_and_components_only(self):
        self.assertFalse(self.house.api("GET", "/license").json["uploaded"])
        self.tenant("first")
        made = self.upload(self.sign(tenants=2, components=1))
        self.assertEqual((made["licensee"], made["expires"], made["valid"], made["expired"]),
                         ("Example Ltd", "2099-12-31", True, False))
        self.assertEqual((made["tenants"], made["max_tenants"]), (1, 2))
        self.tenant("second")
        said = self.tenant("third", 429)
        self.assertEqual(said["id"], "license.limit")
        self.assertIn("Example Ltd allows 2 tenants", said["detail"])
        self.pull("one")
        self.assertEqual(self.pull("two", 429)["id"], "license.limit")
        self.assertEqual(self.house.api("POST", "/tenants/second/delete", {"confirm": "second"}).status, 200)
        self.tenant("third")
        self.upload(self.sign())
        self.tenant("fourth")
        self.pull("two")
        now = self.house.api("GET", "/license").json
        self.assertEqual((now["tenants"], now["max_tenants"], now["components"], now["max_components"]),
                         (3, None, 2, None))
        self.house.restart()
        self.assertEqual(self.house.api("GET", "/license").json, now, "it is kept")

    def test_V55_each_wrong_file_has_its_own_message(self):
        good = self.sign()
        vendor(self.folder, "other", "/CN=other")
        vendor(self.folder, "again")
        self.refused(b"hello", "license.file", "not strict DER")
        self.refused(good[:-1], "license.file", "not strict DER")
        self.refused(b"\x04\x01x", "license.file", "no CMS SignedData")
        self.refused(b"\x04" * 20000, "license.file", "larger than 16 kB")
        self.refused(self.sign("-md", "sha1"), "license.file", "digest")
        self.refused(self.sign(name="other"), "license.signer", "somebody else")
        self.refused(good.replace(b"Example Ltd", b"Example Inc"), "license.changed", "changed")
        self.refused(self.sign(cores=4), "license.content", "unknown here")
        self.refused(self.sign(tenants=-1), "license.content", "no number")
        self.refused(self.sign(expires="2020-01-31"), "license.expired", "ended on 2020-01-31")
        with House() as house:
            house.admin("root")
            self.refused(good, "license.vendor", "no vendor is configured", house)
        a = self.house.api("PUT", "/license", {"content": "!"})
        self.assertEqual((a.status, a.json["id"]), (400, "text.base64"), a.text)

    def test_a_vendor_that_is_no_certificate_with_an_EC_key_ends_the_start(self):
        vendor(self.folder, "rsa", key="rsa:2048", options=())
        for path, words in ((self.folder.file("rsa.pem"), "has no EC key"),
                            (self.folder.write("none.pem", "nothing"), "holds no certificate"),
                            (self.folder.file("missing.pem"), "missing.pem")):
            with self.assertRaises(RuntimeError) as caught:
                House(options=["--license-key", path])
            self.assertIn(words, str(caught.exception))

    def test_V55_in_the_portal_by_form(self):
        b = self.signed_in()
        page = b.get("/settings")
        body = "".join(
            '--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % part
            for part in (("csrf", "", b.csrf(page)),))
        def send(data):
            return b.go("POST", "/settings", body.encode() +
                        b'--x\r\nContent-Disposition: form-data; name="files"; filename="l.cms"\r\n\r\n' +
                        data + b"\r\n--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"})
        wrong = send(b"hello")
        self.assertEqual(wrong.status, 400)
        self.assertIn("This is no licence: it is not strict DER.", wrong.text)
        self.assertIn('id="e-files"', wrong.text)
        done = send(self.sign(tenants=40, licensee="A <b> & Co"))
        self.assertEqual((done.status, done.path), (200, "/settings"))
        self.assertIn("Licensed to A &lt;b&gt; &amp; Co until 2099-12-31.", done.text)
        self.assertRegex(done.text, r"<dt>Tenants</dt><dd>\d+ of 40</dd>")
        self.assertIn("no limit", done.text)

    def test_a_component_with_a_target_is_counted_as_well(self):
        self.identity("web")
        here = self.house.api("GET", "/license").json["components"]
        wish = {"name": "web", "target": "web", "identity": "web"}
        self.upload(self.sign(components=here))
        a = self.house.api("POST", "/components", wish)
        self.assertEqual((a.status, a.json["id"]), (429, "license.limit"), a.text)
        self.upload(self.sign(components=here + 1))
        a = self.house.api("POST", "/components", wish)
        self.assertEqual(a.status, 201, a.text)
        self.assertEqual(self.house.api("GET", "/license").json["components"], here + 1)
        self.assertIn(self.house.api("DELETE", "/components/web").status, (200, 204))

    def test_on_the_command_line(self):
        self.sign(tenants=30)
        done = self.house.cli("license", "upload", self.folder.file("licence.cms"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Example Ltd", self.house.cli("license", "show").stdout)
        bad = self.house.cli("license", "upload", self.vendor)
        self.assertIn("this is no licence", bad.stderr)
        self.assertIn("hint: ", bad.stderr)


class Ended(Signed):
    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_V55_after_its_last_day_nothing_new_and_all_else_goes_on(self):
        last = time.strftime("%Y-%m-%d", time.gmtime(time.time() + DAY))
        self.upload(self.sign(expires=last))
        self.tenant("first")
        self.house.at(3 * DAY)
        self.house.api("POST", "/clock/confirm")
        now = self.house.api("GET", "/license").json
        self.assertEqual((now["valid"], now["expired"]), (True, True))
        said = self.tenant("second", 422)
        self.assertEqual(said["id"], "license.expired")
        self.assertIn("ended on " + last, said["detail"])
        needs = {a["id"]: a["message"] for a in self.house.api("GET", "/components").json["attention"]}
        self.assertIn("ended on " + last, needs["license"])
        self.assertEqual(self.house.api("POST", "/identities", {"name": "web"}).status, 201)
        self.assertEqual(self.house.api("POST", "/identities/web/keys", {"type": "ec:P-256"}).status, 201)
        self.assertIn("ended on " + last, self.signed_in().get("/settings").text)
        self.assertEqual(self.upload(self.sign())["expired"], False)
        self.tenant("second")

    def test_one_that_cannot_be_judged_any_more_limits_nothing(self):
        self.upload(self.sign(tenants=0))
        self.tenant("never", 429)
        for options, why in (([], None), (["--license-key", vendor(self.folder, "next", "/CN=next")],
                                          "signed by somebody else")):
            self.house.stop()
            self.house.options = options
            self.house.start()
            now = self.house.api("GET", "/license").json
            self.assertEqual((now["uploaded"], now["valid"], now["configured"]), (True, False, bool(options)))
            self.assertRegex(now["message"] or "", why or "^$")
            self.tenant("free-%d" % len(options))
            self.assertIn("counts as none", self.signed_in().get("/settings").text)
        self.house.stop()
        self.house.options = ["--license-key", self.vendor]
        self.house.start()


if __name__ == "__main__":
    tap.main()
