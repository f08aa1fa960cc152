"""An inventory of certificates that are out there: servers are asked, files are read."""

import hashlib
import os
import ssl

import tap
from delivering import BesideNginx
from house import free_port
from servers import Folder, pair, wait_until
from tenant import Tenant


class Scan(BesideNginx):
    options = ["--outbound-allow", "127.0.0.0/8"]

    @classmethod
    def build(cls):
        cls.folder = Folder()
        return super().build()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.folder.close()

    def found(self):
        a = self.house.api("GET", "/found")
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def ask(self, *servers, **more):
        a = self.house.api("POST", "/found", dict({"servers": list(servers)}, **more))
        self.assertEqual(a.status, 202, a.text)
        wait_until(lambda: self.found()["waiting"] == 0, 60)
        return {f["place"]: f for f in self.found()["found"]}

    def setUp(self):
        for f in self.found()["found"]:
            self.house.api("DELETE", "/found/" + f["id"])

    def test_what_servers_present_is_listed_and_known_when_it_is_ours(self):
        here = "127.0.0.1:%d" % self.nginx.port
        gone = "127.0.0.1:%d" % free_port()
        f = self.ask(here, gone, "10.1.2.3:443")
        first = ssl.PEM_cert_to_DER_cert(self.nginx.read("shop.pem"))
        self.assertEqual((f[here]["sha256"], f[here]["state"], f[here]["identity"]),
                         (hashlib.sha256(first).hexdigest(), "ends-soon", None))
        self.assertEqual((f[here]["subject"], f[here]["issuer"], f[here]["names"]),
                         ("CN=old.example.com",) * 2 + (["old.example.com"],))
        self.assertIn(f[here]["days_left"], (1, 2))
        self.assertEqual((f[gone]["state"], f[gone]["days_left"]), ("not-seen", None))
        self.assertIn("Connection refused", f[gone]["message"])
        self.assertIn("which is not asked; whoever runs", f["10.1.2.3:443"]["message"])
        self.assertEqual([x["place"] for x in self.found()["found"]][0], here)

        self.identity("web")
        self.add("web", address=here)
        self.issue("web")
        self.delivered("web")
        wait_until(lambda: self.house.api("GET", "/components/web").json["served"] == "same")
        f = self.ask(here)
        self.assertEqual((f[here]["identity"], f[here]["state"], len(f)), ("web", "valid", 3))

    def test_what_is_no_server_or_too_much_asks_nobody(self):
        ask = lambda servers: self.house.api("POST", "/found", {"servers": servers})
        self.refused(ask("no port"), 400, "component.address", "servers")
        self.refused(ask("\n \n"), 400, "scan.none", "servers")
        self.refused(ask(["127.0.0.1:%d" % p for p in range(1, 66)]), 400, "scan.many", "servers")
        self.assertEqual(self.found(), {"found": [], "waiting": 0})

    def test_files_come_without_their_keys(self):
        key, cert = pair(self.folder.path, "file.example.com")
        post = lambda name, content: self.house.api("POST", "/found/files", {
            "name": name, "content": content})
        self.refused(post("a.pem", cert + key), 400, "scan.private-key", "content")
        self.refused(post("a:b", cert), 400, "scan.name", "name")
        self.assertEqual(self.found()["found"], [])
        a = post("a.pem", cert + self.ca.inter.decode())
        self.assertEqual((a.status, a.json["certificates"]), (201, 1), a.text)
        a = post("ca.pem", self.ca.inter.decode() + self.ca.root.decode())
        self.assertEqual((a.status, a.json["certificates"]), (201, 1), a.text)
        f = {x["place"]: x for x in self.found()["found"]}
        self.assertEqual(set(f), {"a.pem", "ca.pem"})
        self.assertEqual((f["a.pem"]["origin"], f["a.pem"]["names"]),
                         ("file", ["file.example.com"]))
        self.assertEqual(post("none.pem", "nothing").json["id"], "bundle.none")
        self.assertEqual(len(self.found()["found"]), 2)

    def test_the_command_line_reads_folders_and_sends_no_key(self):
        folder = Folder()
        self.addCleanup(folder.close)
        key, cert = pair(folder.path, "cli.example.com")
        folder.write("both.crt", key + cert)
        folder.write("servers", "# what there is\n127.0.0.1:%d\n" % self.nginx.port)
        folder.write("empty.pem", "nothing")
        os.unlink(folder.file("first.pem"))
        r = self.house.cli("component", "scan", folder.path, folder.file("servers"))
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("note: %s has a private key; it is not sent" % folder.file("both.crt"),
                      r.stdout)
        self.assertIn("note: %s has no certificate" % folder.file("empty.pem"), r.stdout)
        self.assertRegex(r.stdout, r"ends-soon +%s +cli.example.com" % folder.file("both.crt"))
        self.assertIn("127.0.0.1:%d" % self.nginx.port, r.stdout)
        one = self.found()["found"][0]["id"]
        self.assertEqual(self.house.cli("component", "forget", one).returncode, 0)
        self.assertEqual(self.house.cli("component", "forget", one).returncode, 8)
        self.assertEqual(len(self.found()["found"]), 1)

    def test_the_inventory_has_an_end(self):
        for i in range(15):
            a = self.house.api("POST", "/found", {"servers": [
                "192.0.2.1:%d" % (1 + 64 * i + p) for p in range(64)]})
            self.assertEqual(a.status, 202, a.text)
        a = self.house.api("POST", "/found", {"servers": [
            "192.0.2.1:%d" % (2000 + p) for p in range(64)]})
        self.refused(a, 409, "scan.full")

    def test_P22_a_tenant_sees_its_own_and_only_a_Super_Admin_asks(self):
        t = Tenant(self.house, "acme")
        body = {"servers": ["127.0.0.1:%d" % self.nginx.port]}
        self.assertEqual(t.api("POST", "/found", body).status, 403)
        self.assertEqual(t.inside("POST", "/found", body).status, 202)
        wait_until(lambda: t.api("GET", "/found").json["waiting"] == 0)
        self.assertEqual(len(t.api("GET", "/found").json["found"]), 1)
        self.assertEqual(self.found()["found"], [])

    def test_the_portal_asks_and_forgets(self):
        b = self.signed_in()
        page = b.get("/certificates/found")
        self.assertIn("Nothing was looked for yet.", page.text)
        page = b.post("/certificates/found", {"servers": "nonsense"}, page)
        self.assertIn("is not HOST:PORT", self.wrong(page, "servers"))
        here = "127.0.0.1:%d" % self.nginx.port
        page = b.post("/certificates/found", {"servers": here}, page)
        self.assertEqual((page.status, page.path), (200, "/certificates/found"))
        wait_until(lambda: self.found()["waiting"] == 0)
        page = b.get("/certificates/found")
        self.assertIn(here, page.text)
        one = self.found()["found"][0]["id"]
        page = b.post("/certificates/found/%s/forget" % one, {}, page)
        self.assertEqual((page.status, page.path), (200, "/certificates/found"))
        self.assertNotIn(here, page.text)


tap.main()
