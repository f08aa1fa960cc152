"""The members of every JSON shape are those that certwright(1) names."""

import os
import re
import time

import tap
from ca import CA, openssl
from house import PASSWORD, TOP, House
from person import Person
from servers import Folder
from test_procedure import FIELDS, Base


def shapes():
    """{shape: members} of the section JSON; what follows .br explains."""
    with open(os.path.join(TOP, "man/certwright.1"), encoding="utf-8") as f:
        section = f.read().split(".Sh JSON\n")[1].split("\n.Sh ")[0]
    found = {}
    for item in section.split("\n.It ")[1:]:
        item = item.split("\n.El")[0].split("\n.br")[0]
        words = " ".join(re.findall(r"^\.Va (.*)$", item, re.M))
        found[item.split("\n")[0].strip()] = set(re.findall(r"[A-Za-z_0-9]+", words))
    return found


class Manual(Base):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.ca = CA()
        cls.host = Folder()
        targets = cls.host.write("targets", "[web]\nkind = files\ncombined = %s\n" %
                                 cls.host.file("web.pem"))
        cls.house = House(options=["--targets", targets])

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.host.close()

    def test_the_manual_names_the_members_of_every_answer(self):
        seen = {}

        def note(shape, *objects):
            for o in objects:
                seen.setdefault(shape, set()).update(o)

        self.cli("admin", "create", "--user", "admin", "--email", "admin@example.com",
                 "--password-file", self.file("pw", PASSWORD + "\n"))
        note("account", *self.json("admin", "list")["accounts"])
        note("invitation", self.json("account", "invite", "ann", "--email", "ann@example.com"))
        note("tenant", self.json("tenant", "create", "acme"), *self.json("tenant", "list")["tenants"])
        self.cli("names", "base", "vc.example.com")
        listed = self.json("names", "list")
        note("names", listed)
        note("names of a tenant", *listed["tenants"])
        note("name", *listed["tenants"][0]["names"])
        plan = self.json("names", "plan", "--authority", "private")
        note("plan", plan)
        note("strategy of a plan", *plan["strategies"])
        note("certificate of a plan", *plan["certificates"])
        note("name of a plan", *plan["names"])
        applied = self.json("names", "apply", "--authority", "private", "--country", "US", "--state",
                            "New Jersey", "--locality", "Hackensack", "--organization", "Example",
                            "--unit", "R&D", "--email", "pki@example.com")
        note("applied plan", applied)
        note("applied certificate", *applied["made"])
        notify = self.json("notify", "show")
        self.json("notify", "server", "--host", "localhost", "--tls", "none", "--from", "a@example.com")
        note("notifications", notify)
        note("mail server", self.json("notify", "show")["server"])
        self.cli("notify", "set", "--addresses", "a@example.com", "--minutes", "0")
        for _ in range(100):
            if notify["digests"]:
                break
            time.sleep(0.1)
            notify = self.json("notify", "show")
        note("message", *notify["digests"])
        note("test", *self.json("notify", "test", code=11)["results"])
        note("token", self.json("token", "create"), *self.json("token", "list")["tokens"])
        key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        note("key", self.json("key", "import", self.file("key.pem", key)))
        public = self.file("public.pem", openssl("pkey", "-pubout", stdin=openssl("genpkey", "-algorithm", "ED25519")))
        note("compromised key", self.json("key", "compromised", public))
        note("csr_field", *self.json("csr", "fields", "--unit", "R&D", "--lock", "unit")["fields"])
        self.cli("csr", "fields", "--unit", "", "--lock", "")
        note("request", self.json("csr", "regenerate", *FIELDS), *self.json("csr", "list")["requests"])
        csr = self.file("x.csr", self.cli("csr", "download"))
        with open(csr, "rb") as f:
            answer = self.file("answer.pem", self.ca.sign(f.read()) + self.ca.inter + self.ca.root)
        for sheet in (self.json("csr", "check", csr), self.json("certificate", "check", answer),
                      self.json("certificate", "install", answer)):
            note("sheet", sheet)
            note("disposition", *sheet["dispositions"])
        note("certificate", self.json("certificate", "show"),
             *self.json("certificate", "list")["certificates"])
        note("identity", self.json("identity", "show", "portal"),
             *self.json("identity", "list")["identities"])
        note("trust", *self.json("trust", "list")["trust"])
        sent = self.json("request", "submit", "--authority", "private", code=4)
        note("submission", *self.json("request", "list")["submissions"], self.json("request", "show", sent["id"]))
        self.cli("ca", "create", "--name", "house")
        mine = self.json("request", "submit", "--authority", "house")
        note("submission", self.json("request", "show", mine["id"]))
        note("issued", *self.json("certificate", "issued")["issued"],
             self.json("certificate", "export", mine["serial"]))
        replaced = self.json("key", "replace", "--note", "a test", code=4)
        note("replacement", replaced)
        note("old certificate", *replaced["certificates"])
        note("policy", self.json("profile", "export"))
        note("ca", self.json("ca", "show", "house"))
        note("CA certificate", *self.json("ca", "show", "house")["certificates"])
        history = self.json("ca", "import-history", "house", self.file(
            "index.txt", "V\t290101000000Z\t\t01\tunknown\t/CN=a\n"))
        note("history", history)
        note("history item", *history["items"])
        note("authority", *self.json("authority", "list")["authorities"])
        note("component", *self.json("component", "list")["components"])
        note("found", *self.json("component", "scan", "127.0.0.1:9")["found"])
        note("applications", self.json("config", "applications"))
        note("hsts", self.json("config", "hsts"))
        note("redirect", self.json("config", "redirect"))
        note("license", self.json("license", "show"))
        made = self.json("backup", "create")
        note("backup", made, *self.json("backup", "list")["backups"])
        note("backup check", self.json("backup", "verify", made["name"]))
        file = os.path.join(self.house.base, "bundle.zip")
        secret = os.path.join(self.house.base, "bundle-passphrase")
        with open(secret, "w") as f:
            f.write("correct horse battery staple")
        note("bundle", self.json("bundle", "export", "-o", file, "--passphrase-file", secret),
             self.json("bundle", "verify", file, "--passphrase-file", secret))
        note("next start", self.json("backup", "restore", made["name"]))
        self.json("backup", "restore", "--cancel")
        note("target", *self.json("component", "targets")["targets"])
        note("banners", self.json("config", "banner"))
        self.custodians(note)
        note("event", *self.json("audit", "list")["events"])
        export = os.path.join(self.house.base, "audit.ndjson")
        self.cli("audit", "export", "-o", export)
        note("audit", self.json("audit", "verify"), self.json("audit", "verify", export))
        self.assertEqual({k: sorted(v) for k, v in shapes().items()},
                         {k: sorted(v) for k, v in seen.items()})


    def custodians(self, note):
        people = [Person(self.house, n) for n in ("one", "two")]
        for who in people:
            self.cli("custodian", "add", who.name)
        key = self.json("key", "generate", "--type", "ec:P-256", "--exportable")["id"]
        people[0].api("POST", "/keys/%s/export" % key, {"passphrase": "a long passphrase", "code": people[0].code()})
        listed = self.json("custodian", "list")
        note("custodian", *listed["custodians"])
        note("waiting", *listed["waiting"])


if __name__ == "__main__":
    tap.main()
