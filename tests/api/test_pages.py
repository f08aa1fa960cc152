"""The procedure's pages as a browser without scripts sees them: each fault
beside its field, what was saved and what was typed, and the same thing as a
command."""

import html
import json
import re
import shlex
import signal
import subprocess

import tap
from ca import CA, openssl
from case import Case
from house import BUILD, FIELDS, Browser, House

CSR = "/settings/security/csr"
LABELS = ["Country Code", "State or Province Name", "Locality", "Organization Name", "Organization Unit",
          "Common Name", "Email Address"]


class Base(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.b = Browser(cls.house)
        cls.b.sign_in()

    def value(self, page, field):
        found = re.search(r'<input name="%s"[^>]* value="([^"]*)"' % field, page.text) or \
            re.search(r'<textarea name="%s"[^>]*>([^<]*)<' % field, page.text)
        return html.unescape(found.group(1))

    def csr_page(self, name, key="ec:P-256"):
        return CSR + "?identity=" + self.identity(name, key)

    def requests(self, name):
        listed = self.house.api("GET", "/identities/%s/requests" % name).json["requests"]
        return [self.house.api("GET", "/requests/" + r["id"]).json for r in listed]


class Fields(Base):
    def test_V5_V7_heading_and_labels_in_this_order(self):
        page = self.b.get(CSR)
        self.assertIn("<h1>SSL CSR</h1>", page.text)
        labels = re.findall(r"<label>([^<]*)<", page.text)
        self.assertEqual(labels[:8], LABELS + ["Alternative Names"])
        self.assertEqual(re.findall(r'<input name="(\w+)"', page.text)[:7], list(FIELDS))

    def test_V8_V9_V10_each_fault_stands_beside_its_field_and_saves_nothing(self):
        path = self.csr_page("faults")
        page = self.b.get(path)
        cases = [(f, "", "required|missing|needed") for f in FIELDS] + [
            ("country", "USA", "US"), ("country", "UK", "GB"), ("country", "us", "US"), ("country", "ZZ", "ISO"),
            ("common_name", "portal", "portal\\.|FQDN|dot|label"),
            ("common_name", "https://x.example.com", "URL"), ("common_name", "192.0.2.1", "IP"),
            ("common_name", "x.example.com:443", "port"), ("common_name", "a_b.example.com", "underscore"),
            ("common_name", "*", "wildcard|\\*"), ("common_name", "*.com", "suffix|com"),
            ("common_name", "*.*.example.com", "wildcard|\\*"), ("common_name", "x.example.com.", "dot"),
            ("common_name", "a" * 40 + "." + "b" * 20 + ".example.com", "64"),
            ("email", "pki", "e-mail"), ("email", "pki@localhost", "domain"), ("state", "x" * 129, "128"),
            ("locality", "x" * 129, "128"), ("organization", "x" * 65, "64"), ("unit", "x" * 65, "64"),
            ("names", "a.example.com\nb_c.example.com", "line 2|b_c"),
            ("names", "\n".join("n%d.example.com" % n for n in range(101)), "100")]
        # control and text-direction characters, in each field
        cases += [(f, v, words) for f in list(FIELDS) + ["names"] for v, words in (
            ("a\x07b.example.com", "control|U\\+0007"), ("a\u202eb.example.com", "U\\+202E|direction|two letters|ISO"),
            ("a\u2066b.example.com", "U\\+2066|direction|two letters|ISO"))]
        for field, value, words in cases:
            with self.subTest(field=field, value=value[:20]):
                form = dict(FIELDS, **{field: value})
                a = self.b.post(path, form, page)
                self.assertEqual(a.status, 400)
                self.assertRegex(self.wrong(a, field), "(?i)" + words)
                self.assertIn("<h1>SSL CSR</h1>", a.text)
                self.assertNotIn('class="pem"', a.text)
                for other in FIELDS:
                    if other != field:
                        self.assertEqual(self.value(a, other), FIELDS[other], "what was typed is still there")
        self.assertEqual(self.requests("faults"), [])
        self.assertEqual(self.house.api("GET", "/identities/faults").json["subject"], {})

    def test_V10_a_refused_form_leaves_the_old_CSR_untouched(self):
        path = self.csr_page("untouched")
        self.b.post(path, FIELDS, self.b.get(path))
        before = self.requests("untouched")
        a = self.b.post(path, dict(FIELDS, organization="Other", locality=""), self.b.get(path))
        self.assertEqual(a.status, 400)
        self.assertEqual(self.requests("untouched"), before)
        page = self.b.get(path)
        self.assertEqual(self.value(page, "organization"), FIELDS["organization"])
        self.assertIn(before[0]["pem"].strip(), html.unescape(page.text))

    def test_V13_V14_the_page_shows_the_CSR_and_which_key_it_uses(self):
        path = self.csr_page("shown")
        page = self.b.post(path, FIELDS, self.b.get(path))
        self.assertEqual((page.status, page.path), (200, path))
        pem = html.unescape(re.search(r'<pre class="pem"[^>]*>(.*?)</pre>', page.text, re.S).group(1))
        r = self.requests("shown")[0]
        self.assertEqual(pem.strip(), r["pem"].strip())
        shown = html.unescape(page.text)
        for words in (FIELDS["common_name"], FIELDS["email"], "EC P-256", "SHA-256", "Raw dump",
                      "Certificate Request:"):
            self.assertIn(words, shown)
        key = self.house.api("GET", "/identities/shown/key").json["spki_sha256"]
        self.assertIn(key[:6], shown.replace(":", ""))
        for form, name in (("pem", "PEM"), ("der", "DER")):
            a = self.b.get("%s/%s/%s" % (CSR, r["id"], form))
            self.assertIn("attachment", a.headers["Content-Disposition"])
            out = openssl("req", "-inform", name, "-outform", "PEM", stdin=a.body)
            self.assertEqual(out.decode().strip(), r["pem"].strip())

    def test_V15_what_was_saved_is_there_after_kill_9(self):
        with House() as house:
            house.admin()
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            saved = dict(FIELDS, organization="Exact, \"Name\" & <Co>", locality="São Paulo",
                         names="a.example.com\nb.example.com")
            b = Browser(house)
            b.sign_in()
            self.assertEqual(b.post(CSR, saved, b.get(CSR)).status, 200)
            house.stop(signal.SIGKILL)
            house.start()
            page = b.get(CSR)
            self.assertEqual(page.status, 200, "the session is still there, too")
            for field in FIELDS:
                self.assertEqual(self.value(page, field), saved[field])
            self.assertEqual(self.value(page, "names").split(), ["portal.example.com", "a.example.com", "b.example.com"])

    def test_V26_another_Common_Name_takes_the_place_of_the_old_one(self):
        """As on the command line: names that were not touched are those that were saved."""
        path = self.csr_page("renamed")
        form = dict(FIELDS, names="www.example.com")
        page = self.b.post(path, form, self.b.get(path))
        shown = self.value(page, "names").replace("\n", "\r\n")  # as browsers send it
        page = self.b.post(path, dict(form, common_name="*.example.com", names=shown), page)
        self.assertEqual(self.requests("renamed")[0]["names"], ["*.example.com", "www.example.com"])
        touched = "*.example.com\r\nwww.example.com\r\nm.example.com"
        self.b.post(path, dict(form, common_name="new.example.com", names=touched), page)
        self.assertEqual(self.requests("renamed")[0]["names"],
                         ["new.example.com", "*.example.com", "www.example.com", "m.example.com"])

    def test_V17_without_a_key_the_page_leads_to_SSL_Private_Key(self):
        path = self.csr_page("keyless", None)
        a = self.b.post(path, FIELDS, self.b.get(path))
        self.assertIn(a.status, (404, 409))
        self.assertRegex(a.text, r'<a href="/settings/security/key[^"]*">SSL Private Key</a>')
        self.assertEqual(self.requests("keyless"), [])
        words = [w for f, o in zip(FIELDS, ("country", "state", "locality", "organization", "unit",
                                            "common-name", "email")) for w in ("--" + o, FIELDS[f])]
        r = self.house.cli("csr", "regenerate", "--identity", "keyless", *words)
        self.assertNotEqual(r.returncode, 0)
        self.assertIn("no private key", r.stderr)

    def test_M19_an_IDN_is_turned_into_its_A_label_and_shown_both_ways(self):
        path = self.csr_page("idn")
        form = dict(FIELDS, common_name="münchen.example.com", names="*.пример.example.org\nMÜNCHEN.example.com")
        page = self.b.post(path, form, self.b.get(path))
        self.assertEqual(page.status, 200, page.text)
        shown = html.unescape(page.text)
        for both in ("xn--mnchen-3ya.example.com", "münchen.example.com", "*.xn--e1afmkfd.example.org",
                     "*.пример.example.org"):
            self.assertIn(both, shown)
        r = self.requests("idn")[0]
        self.assertEqual(r["names"], ["xn--mnchen-3ya.example.com", "*.xn--e1afmkfd.example.org"])
        self.assertEqual(r["subject"]["CN"], "xn--mnchen-3ya.example.com")

    def test_P30_what_was_typed_never_becomes_markup(self):
        path = self.csr_page("markup")
        evil = '"><script>alert(1)</script><b a=\''
        page = self.b.post(path, dict(FIELDS, organization=evil, common_name=evil), self.b.get(path))
        self.assertEqual(page.status, 400)
        self.assertNotIn("<script>alert", page.text)
        self.assertEqual(self.value(page, "organization"), evil)
        page = self.b.post(path, dict(FIELDS, organization=evil), self.b.get(path))
        self.assertEqual(page.status, 200)
        self.assertNotIn("<script>alert", page.text)
        self.assertNotIn("<script>alert", self.b.get("/activity").text)


class Commands(Base):
    def test_M24_every_write_of_a_page_is_in_the_API_too(self):
        rows = json.loads(subprocess.run([BUILD + "/certwrightd", "--dump-routes"], capture_output=True,
                                         check=True).stdout)
        api = {r["audit"] for r in rows if r["api_path"] and r["audit"]}
        own = {"setup", "account.accept", "session.sign-in", "session.sign-out"}  # about the browser's own session
        for r in rows:
            if r["method"] == "POST" and r["portal_path"] and r["audit"] not in own:
                self.assertIn(r["audit"], api, r["portal_path"])

    def test_M24_each_page_shows_a_command_that_exists(self):
        self.house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        self.house.regenerate()
        known = subprocess.run([BUILD + "/certwright", "--help"], capture_output=True, text=True).stdout
        for path in ("/components", "/settings", "/settings/accounts", "/settings/security/key", CSR,
                     "/settings/security/certificate", "/settings/security/ca-certificates",
                     "/settings/security/applications", "/settings/security/passwords", "/settings/security/banners", "/settings/system", "/settings/security/advanced",
                     "/activity"):
            with self.subTest(path=path):
                page = self.b.get(path)
                found = re.search(r"Show as command</summary><pre[^>]*><code>(.*?)</code>", page.text, re.S)
                self.assertTrue(found, "no command")
                lines = html.unescape(found.group(1)).splitlines()
                words = [line.split()[1:3] for line in lines if line.startswith("certwright ")]
                for w in words:
                    if len(w) > 1 and w[1].startswith("-"):
                        w.pop()
                    self.assertRegex(known, r"(?m)^\s+(certwright )?%s\b" % r"\b.*\b".join(w))
                self.assertTrue(words or "curl" in found.group(1), lines)

    def test_M24_the_command_of_SSL_CSR_does_what_the_page_does(self):
        path = self.csr_page("typed")
        form = dict(FIELDS, organization="It's \"quoted\" & Co", names="www.example.com")
        page = self.b.post(path, form, self.b.get(path))
        command = html.unescape(re.search(r"Show as command</summary><pre[^>]*><code>(.*?)</code>", page.text,
                                          re.S).group(1))
        line = command.replace("\\\n", " ").splitlines()[0]
        words = shlex.split(line)
        self.assertEqual(words[:3], ["certwright", "csr", "regenerate"], line)
        r = self.house.cli(*words[1:])
        self.assertEqual(r.returncode, 0, r.stderr)
        one, two = self.requests("typed")
        self.assertEqual((one["subject"], one["names"]), (two["subject"], two["names"]))


class Answer(Base):
    def test_V30_V31_V37_an_answer_is_pasted_or_uploaded_checked_and_installed(self):
        ca = CA()
        self.addCleanup(ca.close)
        with House() as house:
            house.admin()
            b = Browser(house)
            b.sign_in()
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            leaf = ca.sign(house.regenerate().json["pem"])
            path = "/settings/security/certificate"
            page = b.get(path)
            parts = [b'\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + b.csrf(page).encode()]
            for name, data in ((b"server.crt", ca.root), (b"inter.pem", leaf), (b"zzz", ca.der(ca.inter))):
                parts.append(b'\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s' % (
                    name, data))
            body = b"".join(b"--b" + p + b"\r\n" for p in parts) + b"--b--\r\n"
            sheet = b.go("POST", path + "/check", body, {"Content-Type": "multipart/form-data; boundary=b"})
            self.assertEqual(sheet.status, 200, sheet.text)
            for words in ("Asked and granted", "Nothing is installed yet", "the chain is complete"):
                self.assertIn(words, sheet.text)
            first = house.served()
            hidden = dict(re.findall(r'<input type="hidden" name="(answer|request)" value="([^"]*)"', sheet.text))
            done = b.post(path + "/install", {k: html.unescape(v) for k, v in hidden.items()}, sheet)
            self.assertEqual((done.status, done.path), (200, path), done.text)
            self.assertEqual(house.served(), ca.der(leaf))
            self.assertNotEqual(first, ca.der(leaf))
            self.assertIn("<figure", done.text, "the picture of validity")
            # P5: the form is checked again, whatever it says now
            other = CA("Other")
            self.addCleanup(other.close)
            foreign = other.sign(openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                                         "-nodes", "-keyout", ca.path("f.key"), "-subj", "/CN=portal.example.com"))
            for forged in (foreign.decode(), foreign.decode() + leaf.decode()[:100], "x" * 1000):
                a = b.post(path + "/install", {"answer": forged, "override": "yes"}, sheet)
                self.assertEqual(a.status // 100, 4, a.text)
            self.assertEqual(house.served(), ca.der(leaf))

    def test_V38_an_answers_faults_stand_at_its_field(self):
        self.house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        path = "/settings/security/certificate"
        page = self.b.get(path)
        for text, words in (("", "no file was given"), ("hello", "no certificate"),
                            ("-----BEGIN CERTIFICATE-----\nMII", "cut off")):
            a = self.b.post(path + "/check", {"answer": text, "passphrase": ""}, page)
            self.assertEqual(a.status, 400, text)
            self.assertRegex(self.wrong(a, "answer").lower(), words)


class Faults(Base):
    """A page that cannot be shown is a page, too: whoever is signed in keeps the way on."""

    def faults(self, b):
        yield 404, b.get("/nothing-here")
        yield 404, b.get("/settings/security/key/nothing-here")
        yield 404, b.get("/requests/nothing-here")
        yield 404, b.get("/static/nothing-here.css")
        yield 405, b.go("DELETE", "/components")
        yield 405, b.get("/sign-out")
        yield 400, b.get("/components?a=%zz")
        yield 400, b.get("/settings/%00")
        yield 403, b.post("/settings/security/csr", FIELDS)  # without the form's token

    def test_V6_a_signed_in_person_keeps_the_frame_and_is_told_what_to_do_next(self):
        for status, page in self.faults(self.b):
            with self.subTest(path=page.path):
                self.assertEqual(page.status, status, page.text)
                self.assertIn('<nav aria-label="Main">', page.text)
                self.assertIn('<a href="/account">My account</a>', page.text)
                self.assertNotIn("sign-in", page.text)
                main = page.text.split('<main id="main">')[1]
                self.assertRegex(main, r'<p class="hint">\w|<a href="/components">go to Components</a>')
                self.assertIn('value="%s"' % self.b.csrf(self.b.get("/components")), page.text)
        out = self.b.post("/sign-out", {}, self.b.get("/nothing-here"))
        self.assertEqual(out.path, "/super", "Sign out works from there")
        self.b.sign_in()

    def test_the_looks_of_a_page_are_those_of_this_version(self):
        page = self.b.get("/components")
        for name in ("css", "js"):
            self.assertRegex(page.text, r'"/static/portal\.%s\?[0-9a-f]{16}"' % name, "no browser keeps an older one")

    def test_the_address_of_a_refused_form_leads_to_the_page_of_the_form(self):
        for path, page in (("/settings/security/names/base", "/settings/security/names"),
                           ("/settings/security/names/base?a=b", "/settings/security/names?a=b"),
                           ("/settings/security/identities?identity=portal", "/settings/security/key?identity=portal"),
                           ("/tenants/nobody/suspend", "/tenants/nobody")):
            with self.subTest(path=path):
                self.assertEqual(self.b.get(path).path, page)
        self.assertEqual(self.b.get("/t/nobody/components/x/deliver").path, "/t/nobody/components/x")
        self.assertEqual(self.b.get("/sign-out").status, 405, "no page has it")
        self.assertEqual(self.b.get("/components/%0d%0ax/deliver").status, 400)

    def test_V6_a_stranger_is_shown_the_door_only(self):
        forged = Browser(self.house)
        forged.cookies = {name: "A" * len(value) for name, value in self.b.cookies.items()}
        for b in (Browser(self.house), forged):
            for path, status in (("/nothing-here", 404), ("/sign-out", 405), ("/components?a=%zz", 400)):
                page = b.get(path)
                self.assertEqual(page.status, status)
                self.assertNotIn("<nav", page.text)
                self.assertIn('<a href="/super">Go to sign-in</a>', page.text)

    def test_P28_a_page_that_is_not_there_is_not_on_record(self):
        before = len(self.events("refused"))
        self.b.get("/nothing-here")
        self.b.go("DELETE", "/components")
        self.assertEqual(len(self.events("refused")), before)


if __name__ == "__main__":
    tap.main()
