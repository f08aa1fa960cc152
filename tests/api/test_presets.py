"""What the fields of a tenant's CSRs begin with, and which a Super Admin has locked."""

import tap
from ca import openssl
from case import Case
from house import FIELDS, Browser
from tenant import Tenant

WHERE = {k: v for k, v in FIELDS.items() if k not in ("common_name", "organization")}


class Presets(Case):
    def tenant(self, name):
        t = Tenant(self.house, name)
        t.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        return t

    def ask(self, t, **fields):
        return t.api("POST", "/identities/portal/requests",
                     dict({"common_name": "portal.%s.example" % t.name}, **fields))

    def test_what_nobody_typed_is_what_the_tenant_begins_with(self):
        t = self.tenant("begin")
        self.refused(self.ask(t), 400, "field.required", "country")
        self.assertEqual(t.api("PUT", "/csr-fields", dict(WHERE, organization="Begin & Co")).status, 200)
        a = self.ask(t)
        self.assertEqual((a.status, a.json["subject"]["O"], a.json["subject"]["C"]),
                         (201, "Begin & Co", FIELDS["country"]))
        a = self.ask(t, organization="Another")
        self.assertEqual(a.json["subject"]["O"], "Another")
        self.assertEqual(self.ask(t).json["subject"]["O"], "Another", "it was saved")
        t.api("POST", "/identities", {"name": "shop"})
        t.api("POST", "/identities/shop/keys", {"type": "ec:P-256"})
        a = t.api("POST", "/identities/shop/requests", {"common_name": "shop.begin.example"})
        self.assertEqual(a.json["subject"]["O"], "Begin & Co")

    def test_a_locked_field_is_the_same_in_every_request(self):
        t = self.tenant("lock")
        self.assertEqual(self.ask(t, **dict(WHERE, organization="Old")).status, 201)
        a = t.inside("PUT", "/csr-fields", {"organization": "Lock GmbH", "locked": ["organization"]})
        self.assertEqual(a.status, 200, a.text)
        self.refused(self.ask(t, organization="Lock gmbh"), 400, "presets.locked", "organization")
        self.refused(t.inside("POST", "/identities/portal/requests", {"organization": "Other"}), 400,
                     "presets.locked", "organization")
        self.assertEqual(self.ask(t).json["subject"]["O"], "Lock GmbH", "what was saved does not count")
        self.assertEqual(self.ask(t, organization="Lock GmbH").status, 201)

    def test_locks_are_a_Super_Admins(self):
        t = self.tenant("whose")
        t.inside("PUT", "/csr-fields", {"organization": "Whose", "locked": ["organization"]})
        for body in ({"organization": "Mine"}, {"organization": ""}, {"locked": []},
                     {"unit": "IT", "locked": ["organization", "unit"]}):
            self.assertEqual(t.api("PUT", "/csr-fields", body).json["id"], "presets.locked", body)
        a = t.api("PUT", "/csr-fields", {"unit": "IT"})
        self.assertEqual({f["field"]: (f["value"], f["locked"]) for f in a.json["fields"]
                          if f["value"]}, {"organization": ("Whose", True), "unit": ("IT", False)})
        operator = t.person("op", "operator")
        self.assertEqual(t.api("PUT", "/csr-fields", {"unit": "X"}, token=operator).status, 403)
        self.assertEqual(t.api("GET", "/csr-fields", token=operator).status, 200)
        other = Tenant(self.house, "else")
        self.assertEqual([f["value"] for f in other.api("GET", "/csr-fields").json["fields"]], [None] * 6)

    def test_faults_stand_at_their_field_and_save_nothing(self):
        t = self.tenant("faults")
        for body, id, field in (({"country": "USA"}, "name.country.length", "country"),
                                ({"email": "nobody"}, "name.email.malformed", "email"),
                                ({"locked": ["common_name"]}, "presets.field", "locked"),
                                ({"unit": "IT", "locked": ["state"]}, "presets.empty", "locked")):
            a = t.inside("PUT", "/csr-fields", body)
            self.refused(a, 400, id, field)
        self.assertEqual([f["value"] for f in t.api("GET", "/csr-fields").json["fields"]], [None] * 6)

    def test_a_CSR_from_elsewhere_is_held_to_them(self):
        t = self.tenant("foreign")
        t.inside("POST", "/names", {"name": "foreign-ag.com"})
        t.inside("PUT", "/csr-fields", {"organization": "Foreign AG", "locked": ["organization"]})
        for organization, status in (("Other", 400), ("Foreign AG", 202)):
            csr = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                          "-keyout", "/dev/null", "-subj", "/O=%s/CN=www.foreign-ag.com" % organization,
                          "-addext", "subjectAltName=DNS:www.foreign-ag.com").decode()
            a = t.api("POST", "/authorities/public-ov/requests", {"csr": csr})
            self.assertEqual(a.status, status, a.text)

    def test_the_page_has_locks_for_a_Super_Admin_and_none_for_a_tenant(self):
        t = self.tenant("page")
        b = Browser(self.house)
        b.sign_in()
        path = "/t/page/settings/security/csr/fields"
        page = b.post(path, {"organization": "Page Ltd", "lock_organization": "true"}, b.get(path))
        self.assertIn('name="lock_organization" value="true" aria-label="Lock Organization Name" checked',
                      page.text)
        b = t.browser()
        page = b.get("/settings/security/csr/fields")
        self.assertNotIn("lock_organization", page.text)
        self.assertRegex(page.text, r'name="organization" value="Page Ltd"[^>]* readonly')
        page = b.post(page.path, {"organization": "Page Ltd", "unit": "IT"}, page)
        self.assertIn('name="unit" value="IT"', page.text)
        page = b.get("/settings/security/csr")
        self.assertRegex(page.text, r'name="organization" value="Page Ltd"[^>]* readonly')
        self.assertRegex(page.text, r'name="unit" value="IT"')


tap.main()
