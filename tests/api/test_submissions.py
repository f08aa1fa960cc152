"""Requests on their way to an authority, by hand: kept from CSR to answer."""

import base64
import json
import os
import re
import sqlite3
import unittest

import tap
from ca import CA, openssl
from case import Case
from house import TOP, House


class Base(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = CA()

    @classmethod
    def tearDownClass(cls):
        cls.ca.close()
        super().tearDownClass()

    def request(self, identity):
        self.identity(identity, "ec:P-256")
        return self.house.regenerate(identity, common_name=identity + ".example.com").json

    def submit(self, request, authority="public-ov", **more):
        return self.house.api("POST", "/authorities/%s/requests" % authority,
                              dict(more, csr=request["pem"]))

    def state(self, id_):
        return self.house.api("GET", "/submissions/" + id_).json["state"]


class Submissions(Base):
    def test_M18_kept_with_what_was_expected_until_the_answer_is_installed(self):
        r = self.request("kept")
        a = self.submit(r, days=365, note="order 4711")
        self.assertEqual((a.status, a.json["verdict"]), (202, "hold"), a.text)
        self.assertEqual((a.json["certificate"], a.json["serial"]), (None, None))
        one = self.house.api("GET", "/submissions/" + a.json["id"]).json
        self.assertEqual((one["state"], one["authority"], one["note"], one["days"], one["request"]),
                         ("sent", "public-ov", "order 4711", 365, r["id"]))
        self.assertEqual(one["pem"], r["pem"])
        outcomes = {d["item"]: d["outcome"] for d in one["sheet"]["dispositions"]}
        self.assertEqual(outcomes["subject.OU"], "dropped")
        answer = self.ca.sign(r["pem"]) + self.ca.inter + self.ca.root
        self.house.api("POST", "/trust", {"content": base64.b64encode(self.ca.root).decode()})
        self.assertEqual(self.house.install(answer, identity="kept").status, 201)
        self.assertEqual(self.state(a.json["id"]), "answered")

    def test_M18_what_came_stands_on_the_sheet_and_behind_the_requesters_link(self):
        r = self.request("came")
        id_ = self.submit(r, "private").json["id"]
        link = self.house.api("POST", "/submissions/%s/link" % id_, {}).json["url"]
        guest = "/sheets/" + link.split("/sheets/")[1]
        self.assertIn("What to expect", self.house.request("GET", guest).text)
        leaf = self.ca.sign(r["pem"], names=["DNS:came.example.com", "DNS:www.came.example.com"])
        self.assertEqual(self.house.install(leaf + self.ca.inter, identity="came").status, 201)
        one = self.house.api("GET", "/submissions/" + id_).json
        self.assertEqual((one["state"], one["certificate"].split(), len(one["chain"])),
                         ("answered", leaf.decode().split(), 2))
        b = self.signed_in()
        for page in (b.go("GET", "/requests/" + id_), self.house.request("GET", guest)):
            self.assertIn("What became of each wish", page.text)
            self.assertIn("www.came.example.com", page.text, "added by the CA")
        self.assertIn("its certificate</a> is installed", b.go("GET", "/requests/" + id_).text)
        got = self.house.request("GET", guest + "/certificate")
        self.assertEqual(got.text.split(), (leaf + self.ca.inter).decode().split())

    def test_M9_several_are_out_at_once_and_each_is_its_own(self):
        r = self.request("several")
        ids = [self.submit(r, authority).json["id"] for authority in ("public-dv", "public-ov", "private")]
        self.assertEqual(len(set(ids)), 3)
        listed = [s["id"] for s in self.house.api("GET", "/submissions").json["submissions"]]
        self.assertTrue(set(ids) <= set(listed))
        self.house.install(self.ca.sign(r["pem"]) + self.ca.inter, identity="several")
        self.assertEqual([self.state(i) for i in ids], ["sent"] * 3, "whose answer it is cannot be told")

    def test_what_would_be_refused_is_not_kept_and_says_why(self):
        csr = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-nodes",
                      "-keyout", "/dev/null", "-subj", "/CN=a.example.com").decode()
        before = self.house.api("GET", "/submissions").text
        a = self.house.api("POST", "/authorities/letsencrypt/requests", {"csr": csr})
        self.assertEqual((a.status, a.json["id"]), (422, "submit.refused"), a.text)
        self.assertEqual(a.json["verdict"], "refuse")
        self.assertEqual(self.house.api("GET", "/submissions").text, before)
        self.assertIn("submit.refused", [e["outcome"] for e in self.events("request.submit")])

    def test_a_CSR_that_is_none_of_ours_is_kept_too(self):
        csr = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-keyout", "/dev/null", "-subj", "/CN=stranger.example.com", "-outform", "DER")
        a = self.house.request("POST", "/api/v1/authorities/private/requests?note=theirs", csr,
                               {"Content-Type": "application/pkcs10"}, unix=True)
        self.assertEqual(a.status, 202, a.text)
        one = self.house.api("GET", "/submissions/" + a.json["id"]).json
        self.assertEqual((one["request"], one["name"], one["note"]), (None, "stranger.example.com", "theirs"))

    def test_withdrawn_once(self):
        id_ = self.submit(self.request("withdrawn"), "private").json["id"]
        a = self.house.api("POST", "/submissions/%s/withdraw" % id_)
        self.assertEqual((a.status, a.json["state"]), (200, "withdrawn"), a.text)
        a = self.house.api("POST", "/submissions/%s/withdraw" % id_)
        self.assertEqual((a.status, a.json["id"]), (409, "submit.ended"), a.text)

    def test_an_unknown_root_breaks_the_answer_of_a_public_authority_only(self):
        for authority, verdict, rule in (("private", "same", None),
                                         ("public-dv", "breaking", "compare.root.unknown")):
            ca = CA("Unknown " + authority)
            self.addCleanup(ca.close)
            r = self.request("root-" + authority)
            id_ = self.submit(r, authority).json["id"]
            answer = ca.sign(r["pem"]) + ca.inter + ca.root
            a = self.house.check(answer, identity="root-" + authority)
            self.assertEqual(a.json["verdict"], verdict, a.text)
            rules = {d["rule"] for d in a.json["dispositions"] if d["weight"] == "breaking"}
            self.assertEqual(rules, {rule} - {None})
            self.house.api("POST", "/submissions/%s/withdraw" % id_)
            self.assertEqual(self.house.check(answer, identity="root-" + authority).json["verdict"], "same")

    def test_a_note_is_clean_text_and_short(self):
        r = self.request("note")
        for note in ("x" * 201, "a\u202eb", "a\nb"):
            a = self.submit(r, "private", note=note)
            self.assertEqual((a.status, a.json["field"]), (400, "note"), a.text)

    def test_P22_one_of_another_tenant_does_not_exist(self):
        id_ = self.submit(self.request("tenant"), "private").json["id"]
        db = sqlite3.connect(self.house.data + "/certwright.db", timeout=20)
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("UPDATE submission SET tenant_id = 'other', request_id = NULL WHERE id = ?", (id_,))
        db.commit()
        foreign = self.house.api("GET", "/submissions/" + id_)
        none = self.house.api("GET", "/submissions/" + id_[:-1] + ("0" if id_[-1] != "0" else "1"))
        self.assertEqual((foreign.status, foreign.text), (404, none.text))
        db.execute("DELETE FROM submission WHERE id = ?", (id_,))
        db.commit()
        db.close()


class Portal(Base):
    def test_from_the_preview_to_Requests_and_withdrawn(self):
        self.request("web")
        b = self.signed_in()
        page = b.get("/settings/security/csr?identity=web&authority=public-ov%3Aserver&days=200")
        request = page.text.split('name="request" value="')[1].split('"')[0]
        sent = b.post("/settings/security/csr/send?identity=web",
                      {"choice": "public-ov:server", "days": "200", "request": request, "note": "ticket 7"}, page)
        self.assertEqual(sent.status, 200)
        self.assertIn("Waits for the answer of Public authority, organization-validated.", sent.text)
        self.assertIn("Note: ticket 7.", sent.text)
        listed = b.get("/requests")
        self.assertIn("web.example.com", listed.text)
        path = [p for p in listed.text.split('"') if p.startswith("/requests/")][0]
        gone = b.post(path + "/withdraw", {}, b.get(path))
        self.assertIn("Withdrawn just now.", gone.text)
        self.assertNotIn("<summary>Withdraw</summary>", gone.text)

    def test_what_would_be_refused_has_no_button(self):
        self.identity("refused", "ed25519")
        self.house.regenerate("refused")
        b = self.signed_in()
        page = b.get("/settings/security/csr?identity=refused&authority=letsencrypt%3Aclassic")
        self.assertIn("This request will be refused.", page.text)
        self.assertNotIn("I send it to this CA", page.text)


class CommandLine(Base):
    def test_submitted_listed_shown_withdrawn(self):
        self.request("cli")
        r = self.house.cli("request", "submit", "--authority", "letsencrypt", "--identity", "cli",
                           "--note", "by form", json_out=True)
        sheet = json.loads(r.stdout)
        self.assertEqual((r.returncode, sheet["verdict"]), (4, "hold"), r.stderr)
        self.assertIn("by form", self.house.cli("request", "list").stdout)
        r = self.house.cli("request", "show", sheet["id"])
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("BEGIN CERTIFICATE REQUEST", r.stdout)
        self.assertEqual(self.house.cli("request", "withdraw", sheet["id"]).returncode, 0)
        self.assertEqual(self.house.cli("request", "withdraw", sheet["id"]).returncode, 9)
        self.assertEqual(self.house.cli("request", "submit").returncode, 2)
        self.assertEqual(self.house.cli("request", "show", "nothing").returncode, 8)


class Update(unittest.TestCase):
    def test_a_database_of_the_first_version_gets_the_tables_and_a_copy_before(self):
        with House() as house:
            house.api("POST", "/identities", {"name": "old"})
            house.stop()
            db = sqlite3.connect(house.data + "/certwright.db")
            for file in sorted(os.listdir(TOP + "/sql"))[1:]:
                with open(os.path.join(TOP, "sql", file)) as f:
                    sql = f.read()
                for kind, name in re.findall(r"^CREATE (?:UNIQUE )?(TABLE|INDEX) (\w+)", sql, re.M):
                    db.execute("DROP %s IF EXISTS %s" % (kind, name))
                for table, column in re.findall(
                        r"^ALTER TABLE (request|tenant|account|key) ADD COLUMN (\w+)", sql, re.M):
                    db.execute("ALTER TABLE %s DROP COLUMN %s" % (table, column))
            db.execute("UPDATE schema_version SET version = 1")
            db.commit()
            db.close()
            house.start()
            self.assertEqual(house.api("GET", "/submissions").json, {"submissions": []})
            self.assertEqual(house.api("GET", "/identities/old").status, 200)
            self.assertTrue(os.path.exists(house.data + "/certwright.db.before-0002"))
            self.assertTrue(os.path.exists(house.data + "/certwright.db.before-0004"))


if __name__ == "__main__":
    tap.main()
