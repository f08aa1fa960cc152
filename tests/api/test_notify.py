"""Notices by mail and webhook: told once, in digests, signed, lost by no crash (M33)."""

import json
import os
import signal
import sqlite3
import time
import unittest

import tap
from case import Case
from ca import CA
from house import SEAMS, House
from outside import wait_for
from receivers import Mail, Webhook, certificate, signature_fits
from tenant import Tenant

SECRET = "0123456789abcdef-of-a-webhook"


class NotifyCase(Case):
    @classmethod
    def build(cls):
        return House(options=["--outbound-allow", "127.0.0.0/8"])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = certificate(cls.house.base)
        with open(cls.pair[0], encoding="ascii") as f:
            cls.pem = f.read()

    def put(self, path="/notify", status=200, **body):
        a = self.house.api("PUT", path, body)
        self.assertEqual(a.status, status, a.text)
        return a.json

    def server(self, mail, **more):
        return self.put("/notify/server", **{
            "host": "127.0.0.1", "port": mail.port, "tls": "starttls",
            "from": "certwright@example.com", "ca": self.pem, **more})

    def nobody(self):
        self.put(addresses="", webhook="", minutes=0, parts="2/3,9/10", days="")
        self.put("/notify/server", host="")
        self.forget()

    def forget(self):
        """Nothing was ever told; the daemon does not look meanwhile."""
        with sqlite3.connect(os.path.join(self.house.data, "certwright.db"), timeout=30) as db:
            for table in ("told", "digest"):
                db.execute("DELETE FROM " + table)

    def age(self, share):
        """Of the life of each certificate in use so much is over."""
        with sqlite3.connect(os.path.join(self.house.data, "certwright.db"), timeout=30) as db:
            db.execute("UPDATE certificate SET not_before = not_after -"
                       " CAST((not_after - ?) / (1 - ?) AS INTEGER)", (int(time.time()), share))

    def digests(self):
        return self.house.api("GET", "/notify").json["digests"]

    def setUp(self):
        self.nobody()


class Mails(NotifyCase):
    def test_M33_told_once_in_one_digest_for_each_address(self):
        mail = Mail(self.pair)
        self.server(mail)
        self.put(addresses="a@example.com\nb@example.com", minutes=0)
        self.assertTrue(mail.came(2))
        self.assertEqual(sorted(mail.boxes), ["<a@example.com>", "<b@example.com>"])
        self.assertEqual(mail.secure, [True, True])
        m = mail.of("a@example.com")[0]
        text = m.get_content()
        self.assertIn("notices", m["Subject"])
        self.assertIn("self-signed", text)
        self.assertIn("Only one Super Admin", text)
        self.assertEqual(m["Auto-Submitted"], "auto-generated")
        for _ in range(2):              # looked at again, and nothing is new
            self.put(minutes=0)
            time.sleep(0.7)
        self.assertEqual(len(mail.raw), 2)
        self.identity("waits", "ec:P-256")
        self.assertTrue(wait_for(lambda: all(d["sent"] for d in self.digests())))

    def test_M33_within_the_minutes_there_is_one_message(self):
        mail = Mail(self.pair)
        self.server(mail)
        self.put(addresses="a@example.com", minutes=15)
        self.assertTrue(mail.came(1))
        self.assertTrue(wait_for(lambda: self.digests()[0]["sent"]))
        self.age(0.7)
        self.put(minutes=15)
        time.sleep(1)
        self.assertEqual(len(mail.raw), 1)
        self.put(minutes=0)
        self.assertTrue(mail.came(2))
        self.assertIn("The certificate of portal ends", mail.messages[1].get_content())
        self.assertNotIn("self-signed", mail.messages[1].get_content())

    def test_M33_nothing_is_lost_while_the_server_is_away(self):
        mail = Mail(self.pair)
        mail.refuses = "451 later"
        self.server(mail)
        self.put(addresses="a@example.com", minutes=0)
        self.assertTrue(wait_for(lambda: [d["tries"] for d in self.digests()] == [1]))
        d = self.digests()[0]
        self.assertIn("did not take it", d["failure"])
        self.assertIsNone(d["sent"])
        self.put(minutes=0)             # another is not made meanwhile
        time.sleep(0.7)
        self.assertEqual([x["id"] for x in self.digests()], [d["id"]])

    def test_M33_sent_again_after_a_crash_it_is_the_same_message(self):
        mail = Mail(self.pair)
        mail.deaf = True                # it is taken, and nobody hears of it
        self.server(mail)
        self.put(addresses="a@example.com", minutes=0)
        self.assertTrue(mail.came(1))
        self.assertTrue(wait_for(lambda: self.digests()[0]["tries"] == 1))
        self.house.stop(signal.SIGKILL)
        with sqlite3.connect(os.path.join(self.house.data, "certwright.db")) as db:
            db.execute("UPDATE digest SET next_at = 0")
        mail.deaf = False
        self.house.start()
        self.assertTrue(mail.came(2, 40))
        one, two = mail.messages
        self.assertEqual((one["Message-ID"], one["Date"], one.get_content()),
                         (two["Message-ID"], two["Date"], two.get_content()))
        self.assertTrue(wait_for(lambda: self.digests()[0]["sent"]))
        self.assertEqual(len(mail.raw), 2)

    def test_M33_a_test_says_what_became_of_it(self):
        mail = Mail(self.pair, login=("mailer", "geheim pass"))
        self.server(mail, user="mailer", password="geheim pass")
        self.put(addresses="a@example.com", parts="", minutes=1440)
        mail.came(1)
        a = self.house.api("POST", "/notify/test")
        self.assertEqual(a.json["results"],
                         [{"channel": "mail:a@example.com", "sent": True, "failure": None}], a.text)
        self.assertIn("a test", mail.messages[-1]["Subject"])
        self.server(mail, user="mailer", password="other")
        a = self.house.api("POST", "/notify/test")
        self.assertEqual(a.json["results"][0]["failure"],
                         "127.0.0.1:%d refused user name or password" % mail.port)
        self.assertTrue(self.events("notify.test"))

    def test_M33_a_password_is_sealed_and_never_shown(self):
        mail = Mail(self.pair)
        self.server(mail, user="mailer", password="geheim-4711-passwort")
        self.assertTrue(self.house.api("GET", "/notify").json["server"]["password"])
        self.assertNotIn("4711", self.house.api("GET", "/notify").text)
        self.assertNotIn("4711", self.signed_in().get("/settings/notifications").text)
        for name in os.listdir(self.house.data):
            path = os.path.join(self.house.data, name)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    self.assertNotIn(b"geheim-4711", f.read(), name)
        self.assertNotIn("4711", self.house.errors())
        self.refused(self.house.api("PUT", "/notify/server", {"host": "localhost"}),
                     400, "notify.password", "password")

    def test_a_server_without_TLS_gets_nothing(self):
        mail = Mail()
        self.server(mail)
        self.put(addresses="a@example.com", minutes=1440)
        a = self.house.api("POST", "/notify/test").json["results"][0]
        self.assertIn("is not trusted", a["failure"])
        self.assertEqual(mail.senders, [])
        self.server(mail, tls="none")
        self.assertTrue(self.house.api("POST", "/notify/test").json["results"][0]["sent"])

    def test_a_server_of_another_name_gets_nothing(self):
        other = certificate(self.house.base, "other.example.com", "127.0.0.9")
        mail = Mail(other)
        with open(other[0], encoding="ascii") as f:
            self.server(mail, ca=f.read())
        self.put(addresses="a@example.com", minutes=1440)
        self.assertIn("is not trusted", self.house.api("POST", "/notify/test").json["results"][0]["failure"])
        self.server(mail)               # and one that is verified by another CA
        self.assertIn("is not trusted", self.house.api("POST", "/notify/test").json["results"][0]["failure"])
        self.assertEqual(mail.senders, [])

    def test_TLS_at_once(self):
        mail = Mail(self.pair, implicit=True)
        self.server(mail, tls="implicit")
        self.put(addresses="a@example.com", minutes=1440)
        self.assertTrue(self.house.api("POST", "/notify/test").json["results"][0]["sent"])
        self.assertTrue(mail.secure[0])

    def test_what_is_not_fit_is_refused(self):
        for refusal, field, path, body in (
                ("field.required", "from", "/notify/server", {"host": "mail.example.com"}),
                ("notify.host", "host", "/notify/server",
                 {"host": "mail.example.com/x", "from": "a@example.com"}),
                ("notify.host", "host", "/notify/server",
                 {"host": "mail.example.com", "from": "a@example.com", "port": 70000}),
                ("notify.tls", "tls", "/notify/server",
                 {"host": "mail.example.com", "from": "a@example.com", "tls": "none"}),
                ("text.control", "from", "/notify/server",
                 {"host": "mail.example.com", "from": "a@example.com\r\nBcc: b@example.com"}),
                ("notify.ca", "ca", "/notify/server",
                 {"host": "mail.example.com", "from": "a@example.com", "ca": "no"}),
                ("account.email", "addresses", "/notify", {"addresses": "a@example.com;x"}),
                ("notify.addresses", "addresses", "/notify",
                 {"addresses": ",".join("a%d@example.com" % i for i in range(11))}),
                ("notify.url", "webhook", "/notify", {"webhook": "http://example.com/"}),
                ("notify.url", "webhook", "/notify", {"webhook": "https://u:p@example.com/"}),
                ("field.required", "secret", "/notify", {"webhook": "https://example.com/"}),
                ("notify.secret", "secret", "/notify",
                 {"webhook": "https://example.com/", "secret": "short"}),
                ("notify.parts", "parts", "/notify", {"parts": "3/2"}),
                ("notify.days", "days", "/notify", {"days": "soon"}),
                ("notify.minutes", "minutes", "/notify", {"minutes": 1441})):
            with self.subTest(body=body):
                a = self.house.api("PUT", path, body)
                self.assertEqual((a.json.get("id"), a.json.get("field")), (refusal, field), a.text)
        self.refused(self.house.api("POST", "/notify/test"), 409, "notify.none")


class Webhooks(NotifyCase):
    def hook(self, **more):
        hook = Webhook(self.pair)
        self.put(webhook=hook.url, secret=SECRET, webhook_ca=self.pem, **{"minutes": 0, **more})
        return hook

    def test_M33_a_webhook_gets_signed_JSON_once(self):
        hook = self.hook()
        self.assertTrue(hook.came(1))
        headers, body = hook.taken[0]
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertTrue(signature_fits(SECRET, headers, body))
        self.assertFalse(signature_fits(SECRET + "x", headers, body))
        self.assertFalse(signature_fits(SECRET, headers, body + b" "))
        said = json.loads(body)
        self.assertEqual((said["event"], said["tenant"], said["more"]), ("digest", None, 0))
        self.assertIn("self-signed", [n["kind"] for n in said["notices"]])
        self.put(minutes=0)
        time.sleep(0.7)
        self.assertEqual(len(hook.taken), 1)

    def test_only_2xx_is_taken_and_no_redirect_followed(self):
        hook = self.hook(minutes=1440)
        hook.came(1)
        for status in (302, 500):
            hook.status = status
            a = self.house.api("POST", "/notify/test").json["results"][0]
            self.assertEqual(a["failure"], "the webhook answered with status %d" % status)
        self.assertEqual(len(hook.taken), 3)

    def test_P34_a_forbidden_address_is_told_nothing(self):
        self.put(webhook="https://169.254.169.254/latest", secret=SECRET, minutes=1440)
        a = self.house.api("POST", "/notify/test").json["results"][0]
        self.assertIn("which is not asked", a["failure"])

    def test_an_expiry_is_told_at_each_part_of_the_life_once(self):
        hook = self.hook(parts="", minutes=0)
        hook.came(1)
        for share, told in ((0.5, None), (0.7, "2/3"), (0.7, None), (0.91, "9/10"), (0.95, None)):
            before = len(hook.taken)
            self.age(share)
            self.put(parts="2/3, 9/10")
            if told is None:
                time.sleep(0.7)
                self.assertEqual(len(hook.taken), before, share)
            else:
                self.assertTrue(hook.came(before + 1), share)
                n = hook.bodies()[-1]["notices"]
                self.assertEqual([(x["kind"], x["threshold"]) for x in n], [("expiry", told)])
            self.assertTrue(wait_for(lambda: all(d["sent"] for d in self.digests())))


class Tenants(NotifyCase):
    def test_M33_a_tenant_is_told_of_its_own_only(self):
        acme, globex = Tenant(self.house, "acme"), Tenant(self.house, "globex")
        ca = CA()
        self.addCleanup(ca.close)
        for t in (acme, globex):
            a = t.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            self.assertEqual(a.status, 201, a.text)
            t.install(ca, t.request()["pem"])
        hooks = {}
        self.age(0.7)
        for t in (acme, globex):
            hooks[t.name] = Webhook(self.pair)
            a = t.api("PUT", "/notify", {
                "webhook": hooks[t.name].url, "secret": SECRET, "webhook_ca": self.pem,
                "minutes": 0})
            self.assertEqual(a.status, 200, a.text)
            self.assertIsNone(a.json["server"])
        for t in (acme, globex):
            hook = hooks[t.name]
            self.assertTrue(hook.came(1))
            said = hook.bodies()[0]
            self.assertEqual(said["tenant"], t.name)
            self.assertEqual([n["kind"] for n in said["notices"]], ["expiry"])
            other = "globex" if t is acme else "acme"
            self.assertNotIn(other, json.dumps(said))
        a = acme.api("PUT", "/notify/server", {"host": "localhost", "from": "a@example.com"})
        self.assertEqual(a.status, 403, a.text)
        page = acme.browser().get("/settings/notifications").text
        self.assertNotIn("Mail server", page)

    def test_M33_a_revocation_is_told_to_whose_the_certificate_was(self):
        self.assertEqual(self.house.api("POST", "/cas", {"name": "house"}).status, 201)
        umbra, vesta = Tenant(self.house, "umbra"), Tenant(self.house, "vesta")
        hooks = {}
        for name, put in (("umbra", umbra.api), ("vesta", vesta.api), (None, self.house.api)):
            hooks[name] = Webhook(self.pair)
            a = put("PUT", "/notify", {"webhook": hooks[name].url, "secret": SECRET,
                                       "webhook_ca": self.pem, "minutes": 0})
            self.assertEqual(a.status, 200, a.text)
        time.sleep(1.1)                 # what was revoked before they asked is not told
        serials = {}
        for t in (umbra, vesta):
            t.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            a = t.api("POST", "/authorities/house/requests", {
                "csr": t.request()["pem"], "keep_key": "a test"})
            self.assertEqual(a.status, 201, a.text)
            serials[t.name] = a.json["serial"]
            a = t.api("POST", "/issued/revoke", {"serial": a.json["serial"]})
            self.assertEqual(a.status, 200, a.text)

        def told(name):
            return [n["object"] for b in hooks[name].bodies() for n in b["notices"]
                    if n["kind"] == "revoked"]
        for t in (umbra, vesta):
            t.api("PUT", "/notify", {"minutes": 0})
            self.assertTrue(wait_for(lambda t=t: told(t.name)), t.name)
            self.assertEqual(told(t.name), [serials[t.name]])
        self.put(minutes=0)
        time.sleep(1)
        self.assertEqual(told(None), [])

    def test_a_fresh_certificate_is_no_alarm(self):
        fresh, hook = Tenant(self.house, "fresh"), Webhook(self.pair)
        self.assertEqual(self.house.api("POST", "/cas", {"name": "fresh"}).status, 201)
        time.sleep(3)                   # of the thread that looks; what comes now is newer
        fresh.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        s = fresh.api("POST", "/authorities/fresh/requests", {"csr": fresh.request()["pem"], "days": 90})
        a = fresh.api("POST", "/identities/portal/certificates", {"request": s.json["id"]})
        self.assertEqual(a.status, 201, a.text)
        fresh.api("PUT", "/notify", {"webhook": hook.url, "secret": SECRET, "webhook_ca": self.pem, "minutes": 0})
        time.sleep(1)
        self.assertEqual(hook.bodies(), [])

    def test_P36_a_clock_that_jumped_alarms_no_tenant(self):
        if not SEAMS:
            self.skipTest("the clock is moved in test builds only")
        house = House(options=["--outbound-allow", "127.0.0.0/8"])
        self.addCleanup(house.close)
        house.admin("root")
        self.assertEqual(house.api("POST", "/cas", {"name": "house"}).status, 201)
        acme, hook = Tenant(house, "acme"), Webhook(self.pair)
        acme.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        s = acme.api("POST", "/authorities/house/requests", {"csr": acme.request()["pem"], "days": 90})
        a = acme.api("POST", "/identities/portal/certificates", {"request": s.json["id"]})
        self.assertEqual(a.status, 201, a.text)
        a = acme.api("PUT", "/notify", {"webhook": hook.url, "secret": SECRET, "webhook_ca": self.pem, "minutes": 0})
        self.assertEqual(a.status, 200, a.text)
        house.at(100 * 86400)
        self.assertEqual(acme.inside("PUT", "/notify", {"minutes": 0}).status, 200)
        time.sleep(1.5)
        self.assertEqual(hook.bodies(), [])
        self.assertEqual(house.api("POST", "/clock/confirm").status, 200)
        self.assertEqual(acme.inside("PUT", "/notify", {"minutes": 0}).status, 200)
        self.assertTrue(hook.came(1))
        self.assertIn("expired", hook.bodies()[0]["notices"][0]["message"])

    def test_P32_a_tenant_sends_so_many_tests_and_no_more(self):
        hook = Webhook(self.pair)
        settings = {"webhook": hook.url, "secret": SECRET, "webhook_ca": self.pem, "minutes": 1440}
        often, other = Tenant(self.house, "often"), Tenant(self.house, "seldom")
        for t in (often, other):
            self.assertEqual(t.api("PUT", "/notify", settings).status, 200)
        for _ in range(6):
            self.assertTrue(often.api("POST", "/notify/test").json["results"][0]["sent"])
        self.refused(often.api("POST", "/notify/test"), 429, "notify.often")
        self.refused(often.inside("POST", "/notify/test"), 429, "notify.often")
        self.assertTrue(hook.came(6))
        self.assertTrue(other.api("POST", "/notify/test").json["results"][0]["sent"])

    def test_an_operator_reads_and_changes_nothing(self):
        t = Tenant(self.house, "initech", role="operator")
        self.assertEqual(t.api("GET", "/notify").status, 200)
        self.assertEqual(t.api("PUT", "/notify", {"parts": ""}).status, 403)
        self.assertEqual(t.api("POST", "/notify/test").status, 403)


class Page(NotifyCase):
    def test_the_form_sets_and_tests(self):
        mail = Mail(self.pair)
        b = self.signed_in()
        page = b.get("/settings/notifications")
        self.assertIn("Nobody is told", page.text)
        page = b.post("/settings/notifications/server", {
            "host": "127.0.0.1", "port": mail.port, "tls": "starttls",
            "from": "certwright@example.com", "ca": self.pem, "user": "", "password": ""}, page)
        self.assertEqual((page.status, page.path), (200, "/settings/notifications"), page.text)
        page = b.post("/settings/notifications", {
            "addresses": "a@example.com\r\nb@example.com", "webhook": "", "secret": "",
            "webhook_ca": "", "parts": "2/3", "days": "", "minutes": "15"}, page)
        self.assertIn("told once", page.text)
        page = b.post("/settings/notifications/test", {}, page)
        self.assertEqual(page.text.count("Taken"), 2, page.text)
        page = b.post("/settings/notifications", {"addresses": "no", "parts": "2/3"}, page)
        self.assertIn("not an e-mail address", self.wrong(page, "addresses"))


class CommandLine(NotifyCase):
    def test_the_command_line_sets_shows_and_tests(self):
        mail = Mail(self.pair, login=("mailer", "geheim"))
        secret = os.path.join(self.house.base, "password")
        with open(secret, "w", encoding="ascii") as f:
            f.write("geheim\n")
        r = self.house.cli("notify", "server", "--host", "127.0.0.1", "--port", str(mail.port),
                           "--from", "certwright@example.com", "--user", "mailer",
                           "--password-file", secret, "--trust-file", self.pair[0])
        self.assertEqual(r.returncode, 0, r.stderr)
        r = self.house.cli("notify", "set", "--addresses", "a@example.com", "--minutes", "30",
                           "--days-left", "14")
        self.assertEqual(r.returncode, 0, r.stderr)
        r = self.house.cli("notify", "show")
        self.assertIn("a@example.com", r.stdout)
        self.assertNotIn("geheim", r.stdout)
        r = self.house.cli("notify", "test")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        mail.refuses = "550 no"
        self.assertEqual(self.house.cli("notify", "test").returncode, 11)


if __name__ == "__main__":
    tap.main()
