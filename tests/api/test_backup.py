"""Online backups: made while all goes on, and whole or not there (M39, P14, V55)."""

import hashlib
import json
import os
import re
import signal
import sqlite3
import stat
import threading
import time
import urllib.request

import tap
from ca import openssl
from case import Case
from house import FIELDS, Browser, House, free_port


def parts(path):
    """The database, and what the line behind it says."""
    with open(path, "rb") as f:
        data = f.read()
    head, line = data.rstrip(b"\n").rsplit(b"\n", 1)
    return head, json.loads(line)["certwright-backup"]


def rewrite(path, statement, *values):
    """Somebody who can write the file, and knows how its last line is made."""
    database, said = parts(path)
    plain = path + ".plain"
    with open(plain, "wb") as f:
        f.write(database)
    with sqlite3.connect(plain) as c:
        c.execute(statement, values)
    c.close()
    with open(plain, "rb") as f:
        database = f.read()
    os.unlink(plain)
    said.update(size=len(database), sha256=hashlib.sha256(database).hexdigest())
    with open(path, "wb") as f:
        f.write(database + b"\n" + json.dumps({"certwright-backup": said}).encode() + b"\n")


class Backups(Case):
    def make(self, house=None):
        """One of a second of its own: its name is the time."""
        for _ in range(5):
            a = (house or self.house).api("POST", "/backups")
            if a.status != 409:
                break
            time.sleep(1)
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def path(self, made):
        return os.path.join(self.house.data, made["file"])

    def verify(self, made):
        a = self.house.api("POST", "/backups/%s/verify" % made["name"])
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def test_V55_a_backup_is_a_database_and_a_line_that_describes_it(self):
        self.identity("kept", "ec:P-256")
        made = self.make()
        path = self.path(made)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        database, said = parts(path)
        self.assertEqual((len(database), hashlib.sha256(database).hexdigest()), (made["size"], made["sha256"]))
        self.assertEqual({k: said[k] for k in ("size", "sha256", "events", "head", "made")},
                         {k: made[k] for k in ("size", "sha256", "events", "head", "made")})
        self.assertEqual(self.house.api("GET", "/backups").json["backups"][0], made)
        self.assertEqual(self.house.api("GET", "/backups/" + made["name"]).json, made)
        self.assertEqual(self.events("backup.create")[0]["object"], made["name"])
        with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as c:
            self.assertIn(("kept",), c.execute("SELECT name FROM identity").fetchall())

    def test_M39_verify_opens_each_key_and_follows_the_audit(self):
        self.identity("opened", "ec:P-256")
        made = self.make()
        with sqlite3.connect("file:%s?mode=ro" % self.path(made), uri=True) as c:
            wrapped = c.execute("SELECT count(*) FROM key WHERE blob IS NOT NULL").fetchone()[0]
        state = self.verify(made)
        self.assertTrue(state["whole"], state)
        self.assertEqual((state["events"], state["keys"]), (made["events"], wrapped + 1), "and the audit's key")

    def test_M39_each_damage_is_found_and_named(self):
        self.identity("damaged", "ec:P-256")
        cases = (
            (lambda p: rewrite(p, "UPDATE audit SET actor = 'nobody' WHERE sequence = 2"), "event 2 was changed"),
            (lambda p: rewrite(p, "DELETE FROM audit WHERE sequence = 2"), "not the one that|event 2 is missing"),
            (lambda p: rewrite(p, "UPDATE schema_version SET version = 1"), "not the one that the last line"),
            (lambda p: rewrite(p, "UPDATE key SET blob = CAST(substr(blob, 1, length(blob) - 1) ||"
                                  " CASE hex(substr(blob, -1)) WHEN '00' THEN x'01' ELSE x'00' END AS BLOB)"
                                  " WHERE generation = 1"), "does not open"),
            (self.flip, "digest"), (lambda p: os.truncate(p, os.path.getsize(p) - 10), "cut off"))
        for damage, words in cases:
            made = self.make()
            damage(self.path(made))
            state = self.verify(made)
            self.assertFalse(state["whole"], words)
            self.assertRegex(state["message"], words)
            run = self.house.cli("backup", "verify", made["name"])
            self.assertEqual(run.returncode, 5, run.stdout + run.stderr)
            if words != "cut off":
                self.assertEqual(self.house.cli("backup", "delete", made["name"]).returncode, 0)
        self.refused(self.house.api("GET", "/backups/" + made["name"]), 503, "backup.damaged")
        self.assertNotIn(made["name"], [b["name"] for b in self.house.api("GET", "/backups").json["backups"]])

    def flip(self, path):
        with open(path, "r+b") as f:
            f.seek(5000)
            byte = f.read(1)
            f.seek(5000)
            f.write(bytes([byte[0] ^ 1]))

    def test_P14_a_backup_holds_no_key(self):
        key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        text = openssl("pkey", "-text", "-noout", stdin=key).decode()
        scalar = bytes.fromhex(re.sub(r"[\s:]", "", text.split("priv:")[1].split("pub:")[0]))
        public = bytes.fromhex(re.sub(r"[\s:]", "", text.split("pub:")[1].split("ASN1")[0]))
        self.identity("secret")
        file = os.path.join(self.house.base, "key.pem")
        with open(file, "wb") as f:
            f.write(key)
        run = self.house.cli("key", "import", file, "--identity", "secret")
        self.assertEqual(run.returncode, 0, run.stderr)
        with open(self.path(self.make()), "rb") as f:
            data = f.read()
        with open(os.path.join(self.house.data, "kek"), "rb") as f:
            kek = f.read()
        # not assertIn: a failure would print the file
        self.assertTrue(public in data, "the public half is there")
        self.assertFalse(scalar[-32:] in data or kek in data, "a secret is there")

    def test_P7_two_at_once_and_one_that_cannot_be_made_leave_no_half_file(self):
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.house.api("POST", "/backups")))
                   for _ in range(6)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertIn(409, [a.status for a in answers])
        for a in answers:
            if a.status == 409:
                self.refused(a, 409, "backup.busy")
        self.assertFalse(os.path.exists(os.path.join(self.house.data, "backup.making")))
        for b in self.house.api("GET", "/backups").json["backups"]:
            self.assertTrue(self.verify(b)["whole"])

    def test_a_name_that_is_none_is_not_found(self):
        for name in ("20261126T190102Z", "..", "certwright", "20261126T190102Z.db", "x" * 300, "kek"):
            for method, path in (("GET", ""), ("POST", "/verify"), ("DELETE", "")):
                self.assertIn(self.house.api(method, "/backups/" + name + path).status, (400, 404), name)
        self.assertTrue(os.path.exists(os.path.join(self.house.data, "kek")))

    def test_V55_in_the_portal_made_verified_and_removed(self):
        b = self.signed_in()
        page = b.get("/settings/system")
        self.assertIn("<h1>System</h1>", page.text)
        time.sleep(1.1)
        page = b.post("/settings/system/backups", {}, page)
        self.assertEqual(page.path, "/settings/system")
        newest = self.house.api("GET", "/backups").json["backups"][0]
        self.assertIn(newest["file"], page.text)
        checked = b.post("/settings/system/backups/%s/verify" % newest["name"], {}, page)
        self.assertIn("the backup is whole", checked.text)
        page = b.post("/settings/system/backups/%s/delete" % newest["name"], {}, b.get("/settings/system"))
        self.assertNotIn(newest["file"], page.text)
        self.assertFalse(os.path.exists(self.path(newest)))

    def planned(self, house):
        return house.api("GET", "/backups").json["next"]

    def test_V55_M39_a_backup_that_is_put_back_is_the_database_of_the_next_start(self):
        with House() as house:
            house.admin("root")
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            key = house.api("GET", "/identities/portal/key").json
            made = self.make(house)
            house.api("POST", "/identities", {"name": "later"})
            self.assertIsNone(self.planned(house))
            run = house.cli("backup", "restore", made["name"])
            self.assertEqual(run.returncode, 0, run.stderr)
            kept = self.planned(house)["kept"]
            self.assertIn(kept, run.stdout)
            self.assertEqual(self.events("backup.restore", house)[0]["object"], made["name"])
            self.assertEqual(house.api("GET", "/identities/later").status, 200, "not before the next start")
            house.restart()
            self.assertEqual(house.api("GET", "/identities/later").status, 404)
            self.assertEqual(house.api("GET", "/identities/portal/key").json, key)
            self.assertEqual(Browser(house).sign_in("root").path, "/components")
            self.assertIsNone(self.planned(house))
            with sqlite3.connect("file:%s?mode=ro" % os.path.join(house.data, kept, "certwright.db"),
                                 uri=True) as c:
                self.assertIn(("later",), c.execute("SELECT name FROM identity").fetchall(), "nothing is lost")
            self.assertIn(kept, house.errors())

    def test_V55_what_is_planned_is_shown_and_taken_back(self):
        made = self.make()
        b = self.signed_in()
        page = b.post("/settings/system/backups/%s/restore" % made["name"], {}, b.get("/settings/system"))
        self.assertIn("planned for the next start", page.text)
        self.assertIn("the backup " + made["name"], page.text)
        page = b.post("/settings/system/cancel", {}, page)
        self.assertNotIn("planned for the next start", page.text)
        self.assertFalse([n for n in os.listdir(self.house.data) if n.startswith("next.")])
        self.refused(self.house.api("POST", "/restore/cancel"), 409, "next.none")
        run = self.house.cli("backup", "restore")
        self.assertEqual(run.returncode, 2, run.stdout)

    def test_M39_a_backup_that_is_not_whole_is_not_put_back(self):
        made = self.make()
        self.flip(self.path(made))
        self.refused(self.house.api("POST", "/backups/%s/restore" % made["name"]), 422, "backup.not-whole")
        self.assertIsNone(self.planned(self.house))
        self.assertFalse([n for n in os.listdir(self.house.data) if n.startswith("next.")])
        self.house.api("DELETE", "/backups/" + made["name"])

    def test_a_plan_that_is_malformed_stops_the_start_and_says_so(self):
        with House() as house:
            house.stop()
            with open(os.path.join(house.data, "next.plan"), "w") as f:
                f.write("something else\n")
            with self.assertRaisesRegex(RuntimeError, "next.plan of the data directory is malformed"):
                house.start()
            os.unlink(os.path.join(house.data, "next.plan"))
            house.start()

    def test_V55_put_back_as_the_manual_says_it_serves_what_it_had(self):
        with House() as house:
            house.admin("root")
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            before = house.api("GET", "/identities/portal/key").json
            made = self.make(house)
            house.stop(signal.SIGTERM)
            database, _ = parts(os.path.join(house.data, made["file"]))
            self.put(house, database)
            house.start()
            self.assertEqual(house.api("GET", "/identities/portal/key").json, before)
            self.assertEqual(Browser(house).sign_in("root").path, "/components")

    def test_P9_an_old_backup_is_noticed_and_issuing_waits_until_it_is_confirmed(self):
        with House(options=["--http-listen", "127.0.0.1:%d" % free_port()]) as house:
            house.admin("root")
            self.assertEqual(house.api("POST", "/cas", {"name": "house"}).status, 201)
            house.api("POST", "/identities", {"name": "web"})
            house.api("POST", "/identities/web/keys", {"type": "ec:P-256"})
            csr = house.regenerate("web").json["pem"]
            ask = lambda: house.api("POST", "/authorities/house/requests", {"csr": csr})
            serials = [self.issue(ask), self.issue(ask)]
            made = self.make(house)
            self.assertFalse(house.api("GET", "/backups").json["stopped"])
            serials += [self.issue(ask), self.issue(ask)]
            house.restart()  # a checkpoint of the sign journal: it is in the database
            for n in range(8):
                house.api("POST", "/identities", {"name": "later%d" % n})
            time.sleep(1)  # the newest event is anchored within a second
            self.revoke(house, serials[1])
            self.assertEqual(house.api("POST", "/backups/%s/restore" % made["name"]).status, 200)
            self.revoke(house, serials[3])  # until the start all goes on
            number = self.list_number(house)
            house.restart()
            self.assertTrue(house.api("GET", "/backups").json["stopped"])
            self.assertGreater(self.list_number(house), number, "RFC 5280 section 5.2.3")
            self.refused(ask(), 409, "restored.old")
            self.assertEqual(house.api("GET", "/components").json["attention"][0]["id"], "restored")
            self.refused(house.api("POST", "/cas", {"name": "other"}), 409, "restored.old")
            self.assertEqual([(n, self.state(house, n)) for n in serials],
                             list(zip(serials, ("issued", "revoked", "presumed", "revoked"))), "P6")
            self.assertEqual(house.api("GET", "/issued/" + serials[3]).json["reason"], "superseded")
            self.assertFalse([n for n in os.listdir(house.data) if n.startswith("next.")])
            self.forged(house)
            house.stop(signal.SIGTERM)
            house.start()
            self.refused(ask(), 409, "restored.old")
            self.assertIn("An old database was put back", self.signed_in(house=house).get("/settings/system").text)
            self.assertEqual(house.cli("ca", "confirm-restore").returncode, 0)
            self.refused(house.api("POST", "/restore/confirm"), 409, "restored.not")
            self.assertEqual(ask().status, 201)
            house.stop(signal.SIGTERM)
            house.start()
            self.assertEqual(ask().status, 201, "it stays confirmed")
            self.assertEqual(self.events("restore.confirm", house)[0]["role"], "super")
            for n in range(30):
                house.api("POST", "/identities", {"name": "again%d" % n})
            time.sleep(1)
            self.assertTrue(house.api("GET", "/audit/verify").json["whole"], "anchored again, past the old head")

    def test_one_takes_the_place_of_a_database_that_cannot_be_read(self):
        with House() as house:
            house.admin("root")
            made = self.make(house)
            self.assertEqual(house.api("POST", "/backups/%s/restore" % made["name"]).status, 200)
            house.stop(signal.SIGTERM)
            for name in ("certwright.db", "certwright.db-wal"):
                with open(os.path.join(house.data, name), "wb") as f:
                    f.write(b"no database any more" * 1000)
            house.start()
            self.assertEqual(Browser(house).sign_in("root").path, "/components")
            self.assertIn("what was revoked since what was put back is not known", house.errors())
            self.assertFalse([n for n in os.listdir(house.data) if n.startswith("next.")])

    def revoke(self, house, serial):
        a = house.api("POST", "/issued/revoke", {"serial": serial, "reason": "superseded"})
        self.assertEqual(a.status, 200, a.text)

    def issue(self, ask):
        a = ask()
        self.assertEqual(a.status, 201, a.text)
        return a.json["serial"]

    def state(self, house, serial):
        return house.api("GET", "/issued/" + serial).json.get("state")

    def list_number(self, house):
        """Of the newest list, which is made when it is asked for."""
        with urllib.request.urlopen(house.api("GET", "/cas/house").json["certificates"][0]["crl"], timeout=20) as r:
            text = openssl("crl", "-inform", "DER", "-noout", "-crlnumber", stdin=r.read()).decode()
        return int(text.split("=")[1].replace("0x", ""), 16)

    def put(self, house, database):
        for name in ("certwright.db-wal", "certwright.db-shm"):
            if os.path.exists(os.path.join(house.data, name)):
                os.unlink(os.path.join(house.data, name))
        with open(os.path.join(house.data, "certwright.db"), "r+b") as f:
            f.truncate(0)
            f.write(database)

    def forged(self, house):
        """P29: who can write to the database cannot say that it is the right one."""
        with sqlite3.connect(os.path.join(house.data, "certwright.db"), timeout=10) as c:
            c.execute("INSERT INTO setting (tenant_id, name, value) VALUES ('system', 'restored.passed', x'%s')"
                      % ("00" * 90))
        c.close()


if __name__ == "__main__":
    tap.main()
