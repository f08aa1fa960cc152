"""What components present is looked at: after a delivery, on demand, and by itself."""

import os
import ssl
import unittest

import tap
from delivering import BesideNginx, Delivering, norm
from house import SEAMS, free_port
from tenant import Tenant
from servers import Apache, HAProxy, Postfix, open_port, served, wait_until

LOOPBACK = ["--outbound-allow", "127.0.0.0/8"]


class Checking(Delivering):
    options = LOOPBACK

    def show(self, name):
        a = self.house.api("GET", "/components/" + name)
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def until(self, name, served_as):
        def done():
            c = self.show(name)
            return c if c["checked"] and c["served"] == served_as else None
        try:
            return wait_until(done)
        except AssertionError as e:
            raise AssertionError("%s: %s" % (e, self.show(name)))

    def check(self, name):
        a = self.house.api("POST", "/components/%s/check" % name)
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def attention(self, kind):
        return [a["message"] for a in self.house.api("GET", "/components").json["attention"]
                if a["id"] == kind]


class RealNginx(BesideNginx, Checking):
    """A site that is reloaded, and one with a default that shows another certificate."""

    @classmethod
    def listed(cls):
        web = cls.nginx.target("web")
        lazy = web.replace("[web]", "[lazy]").replace("shop.", "lazy.")
        lazy = "\n".join(l for l in lazy.split("\n") if not l.startswith("reload"))
        wild = web.replace("[web]", "[wild]").replace("shop.", "wild.")
        conf = cls.nginx.read("nginx.conf")
        old = cls.nginx.read("shop.pem"), cls.nginx.read("shop.key")
        cls.ports = {"web": cls.nginx.port}
        more = ""
        for name in ("lazy", "wild"):
            cls.ports[name] = free_port()
            cls.nginx.write(name + ".pem", old[0])
            cls.nginx.write(name + ".key", old[1], 0o600)
        for name, port, server in (("shop", "wild", "_"), ("wild", "wild", "*.shop.example.com"),
                                   ("lazy", "lazy", "_")):
            more += """	server {
		listen 127.0.0.1:%d ssl%s; server_name %s;
		ssl_certificate %s.pem; ssl_certificate_key %s.key;
	}
""" % (cls.ports[port], " default_server" if server == "_" else "", server,
                cls.nginx.file(name), cls.nginx.file(name))
        cls.nginx.write("nginx.conf", conf.rstrip()[:-1] + more + "}\n")
        cls.nginx.reload()
        wait_until(lambda: open_port(cls.ports["wild"]))
        page = lazy.replace("[lazy]", "[page]").replace("lazy.", "page.")
        return web + lazy + wild + page

    def at(self, name):
        return "127.0.0.1:%d" % self.ports[name]

    def test_V41_served_turns_to_same_after_each_delivery(self):
        self.identity("web")
        self.add("web", address=self.at("web"))
        c = self.show("web")
        self.assertEqual((c["served"], c["checked"]), ("not checked", None))
        self.assertIn("after the first delivery", c["served_note"])
        for _ in range(2):
            cert = ssl.PEM_cert_to_DER_cert(norm(self.issue("web")))
            self.delivered("web")
            c = self.until("web", "same")
            wait_until(lambda: served(self.ports["web"]) == cert)
            self.assertEqual(c["status"], "fine")
            self.assertIn("asked for shop.example.com at 127.0.0.1", c["served_note"])
        self.assertEqual(self.attention("unreachable") + self.attention("presents-another"), [])

        # its configuration is broken: the files of before are back, and served as before
        conf = self.nginx.read("nginx.conf")
        self.nginx.write("nginx.conf", conf + "nonsense;\n")
        self.issue("web")
        self.failed("web", "nginx: ")
        wait_until(lambda: served(self.ports["web"]) == cert)
        self.assertEqual(self.check("web")["served"], "same")
        self.assertEqual(self.show("web")["status"], "failed")
        self.nginx.write("nginx.conf", conf)
        self.deliver("web")
        self.delivered("web")
        self.until("web", "same")
        wait_until(lambda: served(self.ports["web"]) != cert)

    def test_a_server_that_does_not_read_the_files_is_found_out(self):
        self.identity("lazy")
        self.add("lazy", address=self.at("lazy"))
        first = self.issue("lazy")
        self.delivered("lazy")
        c = self.until("lazy", "other")
        self.assertEqual(c["status"], "presents-another")
        self.assertIn("127.0.0.1 presented the one of SHA-256 ", c["served_note"])
        text = self.attention("presents-another")[0]
        self.assertIn("lazy presents another certificate than was delivered to it", text)
        self.assertIn("Deliver it again, and see that its server reads these files", text)
        self.nginx.reload()
        wait_until(lambda: served(self.ports["lazy"]) ==
                   ssl.PEM_cert_to_DER_cert(norm(first)))
        self.assertEqual(self.check("lazy")["served"], "same")
        self.assertEqual(self.attention("presents-another"), [])
        found = [e["detail"] for e in self.events("component.check") if e["object"] == "lazy"]
        self.assertEqual([d["served"] for d in found], ["same", "other"])

        # what it presents next is one that was active before: that is said
        self.issue("lazy")
        self.delivered("lazy")
        self.assertIn("one of lazy that ends on ", self.until("lazy", "other")["served_note"])

    def test_M31_of_a_wildcard_a_name_that_it_covers_is_asked_for(self):
        self.identity("wild")
        self.add("wild", address=self.at("wild"))
        a = self.house.api("POST", "/identities/wild/keys", {"type": "ec:P-256"})
        self.assertEqual(a.status, 201, a.text)
        a = self.house.regenerate("wild", common_name="*.shop.example.com")
        self.assertEqual(a.status, 201, a.text)
        a = self.house.install(self.ca.sign(a.json["pem"]) + self.ca.inter, identity="wild")
        self.assertEqual(a.status, 201, a.text)
        self.delivered("wild")
        c = self.until("wild", "same")
        self.assertIn("asked for www.shop.example.com", c["served_note"])

    def test_the_portal_and_the_command_line_check_on_demand(self):
        a = self.house.api("POST", "/identities", {"name": "page"})
        self.assertEqual(a.status, 201, a.text)
        self.add("page", address=self.at("lazy"), target="page")
        self.issue("page")
        self.delivered("page")
        self.until("page", "other")
        b = self.signed_in()
        page = b.get("/components/page")
        self.assertIn("Check now", page.text)
        self.assertIn("Presents another", page.text)
        page = b.post("/components/page/check", {}, page)
        self.assertEqual((page.status, page.path), (200, "/components/page"))
        r = self.house.cli("component", "check", "page")
        self.assertRegex(r.stdout, r"Served: +other")
        self.assertRegex(r.stdout, r"What was found: +asked for shop.example.com, 127.0.0.1 ")


class RealHAProxy(Checking):
    @classmethod
    def build(cls):
        cls.proxy = HAProxy()
        return super().build()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.proxy.close()

    @classmethod
    def listed(cls):
        return cls.proxy.target("front")

    def test_V41_HAProxy_is_seen_to_serve_it(self):
        self.identity("front")
        self.add("front", address="127.0.0.1:%d" % self.proxy.port, sni="shop.example.com")
        self.issue("front")
        self.delivered("front")
        self.assertEqual(self.until("front", "same")["status"], "fine")


class RealApache(Checking):
    @classmethod
    def build(cls):
        cls.apache = Apache()
        return super().build()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.apache.close()

    @classmethod
    def listed(cls):
        return cls.apache.target("site")

    def test_V41_httpd_is_reloaded_and_what_it_refuses_is_as_before(self):
        port, conf = self.apache.port, self.apache.read("httpd.conf")
        self.identity("site")
        self.add("site", address="127.0.0.1:%d" % port)
        for _ in range(2):
            cert = ssl.PEM_cert_to_DER_cert(norm(self.issue("site")))
            self.delivered("site")
            self.assertEqual(self.until("site", "same")["status"], "fine")
            wait_until(lambda: served(port) == cert)
        self.apache.write("httpd.conf", conf + "Nonsense\n")
        self.issue("site")
        self.failed("site", "apache2: ")
        self.assertEqual(served(port), cert)
        self.assertEqual(self.check("site")["served"], "same")
        self.apache.write("httpd.conf", conf)
        self.deliver("site")
        self.delivered("site")
        self.until("site", "same")
        wait_until(lambda: served(port) != cert)


@unittest.skipUnless(os.geteuid() == 0, "Postfix starts as root only")
class RealPostfix(Checking):
    @classmethod
    def build(cls):
        cls.postfix = Postfix()
        return super().build()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.postfix.close()

    @classmethod
    def listed(cls):
        return cls.postfix.target("mail")

    def test_V41_a_mail_server_is_looked_at_after_STARTTLS(self):
        address = "127.0.0.1:%d" % self.postfix.port
        self.identity("mail")
        self.add("mail", address=address, starttls="smtp")
        for _ in range(2):
            cert = ssl.PEM_cert_to_DER_cert(norm(self.issue("mail")))
            self.delivered("mail")
            self.assertEqual(self.until("mail", "same")["status"], "fine")
            self.assertEqual(self.postfix.served(), cert)
        # it speaks no TLS before STARTTLS
        self.assertEqual(self.house.api("DELETE", "/components/mail").status, 200)
        self.add("mail", address=address)
        self.delivered("mail")
        self.until("mail", "unreachable")


class Nobody(Checking):
    """No server is there, or none that may be asked."""

    @classmethod
    def listed(cls):
        return "".join(cls.files(n) for n in ("away", "back", "moved", "form", "web", "nowhere", "private"))

    def test_a_server_that_is_not_there_is_said(self):
        self.identity("away")
        self.add("away", address="127.0.0.1:%d" % free_port())
        self.issue("away")
        self.delivered("away")
        c = self.until("away", "unreachable")
        self.assertEqual(c["status"], "unreachable")
        self.assertIn("Connection refused", c["served_note"])
        text = self.attention("unreachable")[0]
        self.assertIn("What away presents is not known: 127.0.0.1 port", text)
        self.assertIn("See that its server is up", text)
        # the same answer again is no event but when somebody asked
        before = len(self.events("component.check"))
        self.check("away")
        self.assertEqual(len(self.events("component.check")), before + 1)

    def test_it_is_asked_again_by_itself(self):
        if not SEAMS:
            self.skipTest("the clock is moved in test builds only")
        port = free_port()
        self.identity("back")
        self.add("back", address="127.0.0.1:%d" % port)
        cert = self.issue("back")
        self.delivered("back")
        self.until("back", "unreachable")
        self.host.start("openssl", "s_server", "-quiet", "-accept", "127.0.0.1:%d" % port,
                        "-cert", self.host.file("back.pem"), "-key", self.host.file("back.key"))
        wait_until(lambda: self.served_is(port, cert))
        self.assertEqual(self.show("back")["served"], "unreachable")
        self.house.at(200)
        self.until("back", "same")
        self.host.process.terminate()
        self.host.process.wait(20)
        # within a day it is not asked again
        self.house.at(200 + 3600)
        self.assertEqual(self.until("back", "same")["served"], "same")
        self.house.at(200 + 3600 + 2 * 86400)
        self.until("back", "unreachable")

    def put(self, name, **body):
        a = self.house.api("PUT", "/components/" + name, body)
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def test_M31_where_it_is_looked_at_can_be_changed(self):
        port = free_port()
        self.identity("moved")
        self.add("moved", address="127.0.0.1:%d" % free_port(), sni="a.example.com", starttls="smtp")
        cert = self.issue("moved")
        self.delivered("moved")
        self.until("moved", "unreachable")
        self.host.start("openssl", "s_server", "-quiet", "-accept", "127.0.0.1:%d" % port,
                        "-cert", self.host.file("moved.pem"), "-key", self.host.file("moved.key"))
        wait_until(lambda: self.served_is(port, cert))
        # what is left out is as it was
        c = self.put("moved", address="127.0.0.1:%d" % port, starttls="")
        self.assertEqual((c["addresses"], c["sni"], c["starttls"]),
                         (["127.0.0.1:%d" % port], "a.example.com", None))
        c = self.until("moved", "same")
        self.assertIn("asked for a.example.com at", c["served_note"])
        self.put("moved", sni="")
        self.assertIn("asked for shop.example.com at", self.until("moved", "same")["served_note"])
        c = self.put("moved", address="")
        self.assertEqual((c["addresses"], c["served"], c["checked"]), ([], "not checked", None))
        self.assertIn("it has no address to look at", c["served_note"])
        self.host.process.terminate()
        self.host.process.wait(20)
        details = [e["detail"] for e in self.events("component.set") if e["object"] == "moved"]
        self.assertEqual(details[0], {})
        self.assertEqual(details[-1], {"address": "127.0.0.1:%d" % port, "sni": "a.example.com"})

        def put(body, name="moved"):
            return self.house.api("PUT", "/components/" + name, body)
        self.refused(put({"address": "nowhere"}), 400, "component.address", "address")
        self.refused(put({"sni": "a b"}), 400, "name.dns.character", "sni")
        self.refused(put({"starttls": "ftp"}), 400, "field.choice", "starttls")
        self.refused(put({"target": "away"}), 400, "field.unknown", "target")
        self.refused(put({}, "nobody"), 404, "not-found")

    def test_the_portal_and_the_command_line_change_where_it_is_looked_at(self):
        self.identity("form")
        self.add("form", address="127.0.0.1:1", starttls="smtp")
        b = self.signed_in()
        page = b.get("/components/form")
        self.assertIn('name="address" value="127.0.0.1:1"', page.text)
        self.assertIn('<option value="smtp" selected>', page.text)
        wrong = b.post("/components/form", {"address": "127.0.0.1", "sni": "", "starttls": ""}, page)
        self.assertIn("is not HOST:PORT", self.wrong(wrong, "address"))
        self.assertEqual(self.show("form")["starttls"], "smtp")
        page = b.post("/components/form", {"address": "127.0.0.1:2", "sni": "b.example.com",
                                           "starttls": ""}, page)
        self.assertEqual((page.status, page.path), (200, "/components/form"))
        c = self.show("form")
        self.assertEqual((c["addresses"], c["sni"], c["starttls"]),
                         (["127.0.0.1:2"], "b.example.com", None))
        r = self.house.cli("component", "set", "form", "--sni", "none", "--starttls", "smtp")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertRegex(r.stdout, r"Address: +127\.0\.0\.1:2")
        self.assertEqual(self.show("form")["sni"], None)
        # whoever may not add one may not lead it elsewhere
        t = Tenant(self.house, "acme")
        self.assertEqual(t.inside("POST", "/components", {
            "name": "web", "target": "web", "identity": "portal"}).status, 201)
        self.assertEqual(t.api("PUT", "/components/web", {"address": "127.0.0.1:1"}).status, 403)
        self.assertEqual(t.inside("PUT", "/components/web", {"address": "127.0.0.1:1"}).status, 200)
        self.assertNotIn("Change where", t.browser().get("/components/web").text)
        self.assertEqual(t.inside("DELETE", "/components/web").status, 200)

    def served_is(self, port, cert):
        try:
            return served(port) == ssl.PEM_cert_to_DER_cert(norm(cert))
        except OSError:
            return False

    def test_without_an_address_or_a_delivery_there_is_nothing_to_compare(self):
        self.identity("nowhere")
        c = self.add("nowhere")
        self.assertIn("it has no address to look at", c["served_note"])
        self.refused(self.house.api("POST", "/components/nowhere/check"), 409,
                     "component.no-address")
        self.assertEqual(self.house.api("PUT", "/components/nowhere",
                                        {"address": "127.0.0.1:1"}).status, 200)
        self.refused(self.house.api("POST", "/components/nowhere/check"), 409,
                     "component.nothing-delivered")
        self.assertNotIn("Check now", self.signed_in().get("/components/nowhere").text)

    def test_P34_an_address_that_may_not_be_asked_is_not_and_that_is_said(self):
        self.identity("private")
        self.add("private", address="10.1.2.3:443")
        self.issue("private")
        self.delivered("private")
        c = wait_until(lambda: self.show("private")["checked"] and self.show("private"))
        self.assertEqual((c["served"], c["status"]), ("not checked", "fine"))
        self.assertIn("10.1.2.3 leads to", c["served_note"])
        self.assertIn("which is not asked; whoever runs the daemon can allow a network",
                      c["served_note"])
        self.assertIn("outbound-allow", self.signed_in().get("/components/private").text)
        self.assertEqual(self.check("private")["served"], "not checked")


tap.main()
