"""Components: what is presented, what comes next, what needs a person;
Applications: which listener serves what."""

import http.client
import os
import re
import socket
import ssl
import unittest

import tap
from ca import CA
from case import Case
from house import SEAMS, Browser, House, free_port

DAY = 86400


def later(days):
    return {"CERTWRIGHT_TEST_CLOCK_OFFSET": str(int(days * DAY))}


class Components(unittest.TestCase):
    def ask(self, house):
        a = house.api("GET", "/components")
        self.assertEqual(a.status, 200, a.text)
        self.assertEqual(len(a.json["components"]), 1)
        return a.json["components"][0], a.json["attention"]

    def needs(self, house):
        return [a["id"] for a in self.ask(house)[1]]

    def moved(self, house, days):
        house.stop()
        house.env.update(later(days))
        house.start()

    def test_the_portals_own_listener_is_the_first_row(self):
        with House() as house:
            c, attention = self.ask(house)
            self.assertEqual(c["addresses"], ["127.0.0.1:%d" % house.port])
            self.assertEqual((c["name"], c["type"], c["identity"]), ("portal", "own listener", "portal"))
            self.assertEqual((c["status"], c["served"]), ("self-signed", "same"))
            self.assertIn("localhost", c["names"])
            self.assertEqual(c["days_left"], 396)
            self.assertRegex(c["next"], r"^expires \d+ \w{3} \d{4}$")
            self.assertRegex(c["version"], r"^\d+\.\d+")
            self.assertTrue(c["management_url"].startswith("https://127.0.0.1:%d/" % house.port))
            self.assertEqual([a["id"] for a in attention], ["self-signed"])
            self.assertIn("portal", attention[0]["message"])

    def test_one_Super_Admin_alone_is_said_until_there_are_two(self):
        with House() as house:
            house.admin("root")
            self.assertIn("one-super", self.needs(house))
            house.admin("second")
            self.assertNotIn("one-super", self.needs(house))
            house.api("POST", "/accounts/second/disable")
            self.assertIn("one-super", self.needs(house))

    def test_what_is_planned_for_the_next_start_is_said(self):
        with House() as house:
            name = house.api("POST", "/backups").json["name"]
            self.assertNotIn("next-start", self.needs(house))
            house.api("POST", "/backups/%s/restore" % name)
            told = [a["message"] for a in self.ask(house)[1] if a["id"] == "next-start"]
            self.assertEqual(told, ["Planned for the next start: the backup %s. What is changed here until "
                                    "then is not in it." % name])
            with open(os.path.join(house.data, "next.plan"), "a") as f:
                f.write("nonsense\n")
            told = [a["message"] for a in self.ask(house)[1] if a["id"] == "next-start"]
            self.assertEqual(told, ["The next start would fail: the file next.plan of the data directory is "
                                    "malformed."])

    def test_no_sandbox_is_said(self):
        with House(options=["--no-sandbox"]) as house:
            self.assertEqual(self.needs(house), ["no-sandbox", "self-signed"])

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_status_and_attention_follow_the_life(self):
        with House() as house:
            self.moved(house, 300)
            c, _ = self.ask(house)
            self.assertEqual((c["status"], c["days_left"]), ("self-signed", 96))
            self.assertEqual(self.needs(house), ["self-signed", "ends-soon"])
            self.moved(house, 392)
            self.assertEqual(self.needs(house), ["ends-soon", "self-signed"], "the last week")
            self.moved(house, 400)
            c, attention = self.ask(house)
            self.assertEqual(c["status"], "expired")
            self.assertIn(c["days_left"], (-3, -4))
            self.assertRegex(c["next"], r"^expired \d days ago$")
            self.assertEqual(attention[0]["id"], "expired")

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_a_clock_that_went_back_is_said(self):
        with House(env=later(2)) as house:
            house.admin("root")
            self.moved(house, 1.9)
            self.assertIn("clock", self.needs(house))
            self.moved(house, 2)
            self.assertNotIn("clock", self.needs(house))

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_a_certificate_of_the_future_is_said(self):
        with House(env=later(2)) as house:
            self.moved(house, 0)
            c, attention = self.ask(house)
            self.assertEqual(c["status"], "not-yet-valid")
            self.assertIn("valid from", c["next"])
            self.assertEqual(attention[0]["id"], "not-yet-valid")

    def installed(self, house, ca):
        house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        csr = house.regenerate().json["pem"]
        a = house.install(ca.sign(csr, days=90) + ca.inter)
        self.assertEqual(a.status, 201, a.text)

    def test_a_certificate_of_a_CA_is_as_it_should_be(self):
        ca = CA()
        self.addCleanup(ca.close)
        with House() as house:
            self.installed(house, ca)
            c, attention = self.ask(house)
            self.assertEqual((c["status"], c["served"]), ("fine", "same"))
            self.assertIn(c["days_left"], (89, 90))
            self.assertEqual(c["names"], ["portal.example.com"])
            self.assertEqual(c["management_url"], "https://portal.example.com:%d/" % house.port)
            self.assertRegex(c["next"], r"^renew from \d+ \w{3} \d{4} on$")
            self.assertEqual(attention, [])
            house.api("POST", "/identities/portal/rollback", {})
            self.assertEqual(self.ask(house)[0]["status"], "self-signed")

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_the_renewal_window_is_the_last_third(self):
        ca = CA()
        self.addCleanup(ca.close)
        with House() as house:
            self.installed(house, ca)
            self.moved(house, 59)
            self.assertEqual(self.ask(house)[0]["status"], "fine")
            self.moved(house, 61)
            c, attention = self.ask(house)
            self.assertEqual(c["status"], "renewal-due")
            self.assertRegex(c["next"], r"^expires \d+ \w{3} \d{4}$")
            self.assertEqual([a["id"] for a in attention], ["ends-soon"])

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_a_request_that_waits_for_two_weeks_is_said(self):
        with House() as house:
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            house.regenerate()
            c, attention = self.ask(house)
            self.assertIn("request 1 waits for its answer", c["next"])
            self.moved(house, 13)
            self.assertEqual(self.needs(house), ["self-signed"])
            self.moved(house, 15)
            self.assertEqual(self.needs(house), ["self-signed", "request-waits"])

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_the_worst_fifty_are_shown_and_all_on_request(self):
        with House() as house:
            house.admin("root")
            for i in range(52):
                house.api("POST", "/identities", {"name": "i%02d" % i})
                house.api("POST", "/identities/i%02d/keys" % i, {"type": "ec:P-256"})
                a = house.regenerate("i%02d" % i)
                self.assertEqual(a.status, 201, a.text)
            self.moved(house, 15)
            short = house.api("GET", "/components").json
            whole = house.api("GET", "/components?attention=all").json
            total = len(whole["attention"])
            self.assertGreater(total, 52)
            self.assertEqual((len(short["attention"]), short["attention_total"]), (50, total))
            self.assertEqual(short["attention"], whole["attention"][:50])
            b = Browser(house)
            page = b.sign_in()
            self.assertIn("and %d more</span>" % (total - 50), self.attention(page))
            self.assertNotIn("i51", self.attention(page))
            page = b.get(re.search(r'href="(/components\?[^"]*)"', self.attention(page)).group(1))
            self.assertEqual(page.status, 200)
            self.assertIn("i51", self.attention(page))
            self.assertNotIn("more</span>", self.attention(page))

    def test_what_serves_by_an_override_is_said_with_its_reason(self):
        ca = CA()
        self.addCleanup(ca.close)
        with House() as house:
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            csr = house.regenerate().json["pem"]
            unfit = ca.sign(csr, eku="clientAuth") + ca.inter
            self.assertEqual(house.install(unfit, override="until Monday").status, 201)
            self.assertEqual(self.needs(house), ["overridden"])
            self.assertIn("until Monday", self.ask(house)[1][0]["message"])
            self.assertEqual(house.install(ca.sign(csr) + ca.inter).status, 201)
            self.assertEqual(self.needs(house), [])

    def test_V43_the_page_speaks_of_TLS_only_and_says_so(self):
        with House() as house:
            house.admin("root")
            status = re.search(r'<p class="status">.*?</p>', Browser(house).sign_in().text, re.S).group(0)
            self.assertIn("TLS only: secure browsing", status)
            self.assertIn("Media that a component carries are encrypted by their own means", status)

    def test_the_page_says_what_to_do_next(self):
        with House() as house:
            house.admin("root")
            b = Browser(house)
            page = b.sign_in()
            self.assertIn("<h1>Components</h1>", page.text)
            self.assertIn("127.0.0.1:%d" % house.port, page.text)
            self.assertIn('href="/settings/security/key"', self.attention(page))
            a = house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            self.assertEqual(a.status, 201, a.text)
            self.assertIn('href="/settings/security/csr"', self.attention(b.get("/components")))
            house.regenerate()
            self.assertIn('href="/settings/security/certificate"',
                          self.attention(b.get("/components")))

    def attention(self, page):
        return re.search(r'<section class="attention".*?</section>', page.text, re.S).group(0)


class Applications(Case):
    def test_the_listener_is_as_it_is_described(self):
        https, local = self.house.api("GET", "/applications").json["applications"]
        self.assertEqual(https["addresses"], ["127.0.0.1:%d" % self.house.port])
        self.assertEqual(local["addresses"], [self.house.data + "/certwright.sock"])
        self.assertEqual(https["hsts"], self.house.request("GET", "/super").headers[
            "Strict-Transport-Security"])
        self.assertEqual((https["https_only"], https["redirect"], https["client_certificates"]),
                         (True, False, False))
        self.assertEqual(https["tls_versions"], ["TLSv1.2", "TLSv1.3"])
        for cipher in https["ciphers"]:
            self.assertRegex(cipher, r"GCM|POLY1305", "P38")

    def test_V45_plain_HTTP_is_not_answered(self):
        with socket.create_connection(("127.0.0.1", self.house.port), timeout=20) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertNotIn(b"HTTP/", s.recv(100))

    def test_P38_the_versions_are_those_that_work(self):
        for version, works in ((ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)):
            context = ssl._create_unverified_context()
            context.minimum_version = context.maximum_version = version
            with socket.create_connection(("127.0.0.1", self.house.port), timeout=20) as s:
                with context.wrap_socket(s) as t:
                    self.assertEqual(t.version() is not None, works)

    def test_the_page_shows_it(self):
        b = Browser(self.house)
        b.sign_in()
        page = b.get("/settings/security/applications")
        for words in ("<h1>Applications</h1>", "127.0.0.1:%d" % self.house.port, "HTTPS only",
                      "none is asked for", "TLS_AES_256_GCM_SHA384", "certwright.sock",
                      "Plain HTTP is not served at all"):
            self.assertIn(words, page.text)

    def test_what_plain_HTTP_serves_is_said_where_it_is_served(self):
        plain = "127.0.0.1:%d" % free_port()
        with House(options=["--http-listen", plain]) as house:
            house.admin("root")
            all_ = {a["name"]: a for a in house.api("GET", "/applications").json["applications"]}
            self.assertEqual(set(all_), {"portal", "lists", "local"})
            self.assertEqual((all_["lists"]["kind"], all_["lists"]["addresses"]), ("http", [plain]))
            page = self.signed_in(house=house).get("/settings/security/applications")
            self.assertIn(plain, page.text)
            self.assertIn("revoked certificates", page.text)
            self.assertNotIn("not served at all", page.text)
            self.assertNotIn("no port is open", page.text)
            with socket.create_connection(("127.0.0.1", int(plain.split(":")[1])), timeout=20) as s:
                s.sendall(b"GET /super HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                self.assertIn(b" 404 ", s.recv(100), "the portal is not there")

    def plain(self, port, path="/", host="acme.example.com:80", method="GET"):
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        c.request(method, path, headers={"Host": host})
        a = c.getresponse()
        a.read()
        c.close()
        return a.status, a.getheader("Location")

    def test_V45_browsers_are_sent_on_to_HTTPS_when_it_is_set(self):
        port = free_port()
        with House(options=["--http-listen", "127.0.0.1:%d" % port]) as house:
            house.admin("root")
            self.assertEqual(self.plain(port), (404, None), "off at first")
            for bad in (65536, -1, "https"):
                a = house.api("PUT", "/applications/redirect", {"port": bad})
                self.assertEqual(a.status, 400, a.text)
            self.assertEqual(house.api("PUT", "/applications/redirect", {"port": 65536}).json["id"], "redirect.port")
            self.assertEqual(house.api("PUT", "/applications/redirect", {"port": 443}).json, {"port": 443})
            self.assertEqual(self.plain(port, "/super?next=/x"), (308, "https://acme.example.com/super?next=/x"))
            self.assertEqual(self.plain(port, method="HEAD"), (308, "https://acme.example.com/"))
            self.assertEqual(self.plain(port, host="[::1]:80"), (308, "https://[::1]/"))
            for host in ("[::1", ":80", "[::1]x", "a b", "a/b"):
                self.assertIn(self.plain(port, host=host)[0], (400, 404), host)
            self.assertEqual(self.plain(port, method="POST")[0], 405)
            self.assertEqual(self.plain(port, "/ocsp/none")[0], 404, "what belongs here is not sent on")
            b = self.signed_in(house=house)
            page = b.get("/settings/security/applications")
            self.assertIn("is sent on to HTTPS, port 443", page.text)
            wrong = b.post("/settings/security/applications", {"port": "99999"}, page)
            self.assertEqual(wrong.status, 400)
            self.assertIn('id="e-port"', wrong.text)
            b.post("/settings/security/applications", {"port": str(house.port)}, page)
            self.assertEqual(self.plain(port), (308, "https://acme.example.com:%d/" % house.port))
            self.assertIs(house.api("GET", "/applications").json["applications"][0]["redirect"], True)
            house.restart()
            self.assertEqual(self.plain(port)[0], 308, "it is kept")
            self.assertEqual(house.cli("config", "redirect", "--port", "0").returncode, 0)
            self.assertEqual(self.plain(port), (404, None))
        a = self.house.api("PUT", "/applications/redirect", {"port": 443})
        self.assertEqual((a.status, a.json["id"]), (409, "redirect.nowhere"), a.text)


if __name__ == "__main__":
    tap.main()
