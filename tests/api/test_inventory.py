"""The inventory: what our own authorities issued, counted, found, drawn and
taken away as a file."""

import csv
import glob
import io
import os
import re
import sqlite3
import time
import unittest
from urllib.parse import quote

import tap
from house import TOP, House
from test_ca import CaCase

DAY = 86400
COLUMNS = ["serial", "state", "name", "names", "subject", "profile", "not_before", "not_after",
           "days_left", "revoked", "reason", "sha256", "created", "id"]


class Inventory(CaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        test = cls()
        cls.made = {}
        for name, days in (("long", 300), ("short", 10), ("gone", 300), ("held", 300), ("over", 300)):
            cls.made[name] = test.issue(test.csr("/CN=%s.example.com" % name, "DNS:%s.example.com" % name),
                                        days=days)["serial"]
        for name, reason in (("gone", "cessationOfOperation"), ("held", "certificateHold")):
            cls.house.api("POST", "/issued/revoke", {"serial": cls.made[name], "reason": reason})
        with sqlite3.connect(cls.house.data + "/certwright.db") as db:  # a year went by for one
            db.execute("UPDATE issued SET not_after = ? WHERE serial = ?",
                       (int(time.time()) - DAY, cls.made["over"]))

    def setUp(self):
        self.browser = self.signed_in()

    def names(self, query):
        a = self.house.api("GET", "/issued" + query)
        self.assertEqual(a.status, 200, a.text)
        return {n.split(".")[0] for i in a.json["issued"] for n in i["names"]}

    def page(self, query=""):
        a = self.browser.get("/certificates" + query)
        self.assertEqual(a.status, 200, a.text)
        return a.text

    def chips(self, page):
        return {label: int(n) for label, n in re.findall(r"([A-Z][a-z ]+) <span>(\d+)</span>", page)}

    def export(self, query=""):
        a = self.house.api("GET", "/issued/export" + query)
        self.assertEqual(a.status, 200, a.text)
        return a

    def rows(self, query=""):
        return list(csv.DictReader(io.StringIO(self.export(query).text, newline="")))

    def test_M32_each_is_in_one_state(self):
        self.assertEqual({s: self.names("?text=example.com&state=" + s)
                          for s in ("valid", "soon", "ended", "revoked", "held", "presumed", "issued")},
                         {"valid": {"long"}, "soon": {"short"}, "ended": {"over"}, "revoked": {"gone"},
                          "held": {"held"}, "presumed": set(), "issued": {"long", "short", "over"}})
        self.refused(self.house.api("GET", "/issued?state=nosuch"), 400, "field.choice", "state")
        self.assertEqual(self.browser.get("/certificates?state=nosuch").status, 400)

    def test_M32_chips_count_what_their_links_show(self):
        chips = self.chips(self.page("?text=example.com"))
        self.assertEqual(chips, {"All": 5, "Valid": 1, "Ends soon": 1, "Revoked": 1, "On hold": 1, "Ended": 1})
        chips = self.chips(self.page())  # and root and issuing CA
        self.assertEqual((chips["All"], chips["Valid"]), (7, 3))
        self.assertEqual(sum(chips.values()), 2 * chips["All"])
        for href in re.findall(r'href="(/certificates\?state=[^"]*)"', self.page("?text=SHORT")):
            if "before" not in href:
                self.assertIn("text=SHORT", href)
        page = self.page("?state=soon")
        self.assertRegex(page, r'href="/certificates\?state=soon" aria-current="true"')
        self.assertEqual(re.findall(r'data-label="For"[^>]*><a[^>]*>([^<]*)<', page), ["short.example.com"])

    def test_M32_a_text_stays_one_text_in_every_link(self):
        text = "a&state=held#%+\"<b>"
        page = self.page("?text=" + quote(text))
        self.assertIn("None that fits.", page)
        self.assertNotIn("<b>", page)
        self.assertNotRegex(page, r'href="[^"]*text=a&')

    def test_M32_the_picture_says_in_words_when_they_end(self):
        page = self.page("?text=short")
        words = re.search(r'aria-label="(Ends by week: [^"]*)"', page).group(1)
        self.assertRegex(words, r"^Ends by week: 1 (this week|in the week from \d+ \w{3} \d{4})\.$")
        self.assertEqual(page.count("<rect"), 26)
        self.assertIn("1 ends in the next 26 weeks", page)
        self.assertNotIn("<figure", self.page("?text=gone"))

    def test_the_status_says_how_many_are_valid_and_what_comes_next(self):
        self.assertIn("4 certificates are valid; 1 of them ends within 30 days.", self.page())
        self.assertIn("1 found.", self.page("?text=short"))

    def test_reasons_are_words(self):
        page = self.page("?state=revoked")
        self.assertIn("<small>cessation of operation</small>", page)
        self.assertNotIn("certificateHold", self.page("?state=held"))

    def test_M32_CSV_has_every_row_and_keeps_the_filters(self):
        a = self.export()
        self.assertEqual(a.headers["Content-Type"], "text/csv; charset=utf-8")
        self.assertEqual(a.headers["Content-Disposition"], 'attachment; filename="certificates.csv"')
        self.assertTrue(a.text.startswith(",".join(COLUMNS) + "\r\n"), a.text[:200])
        rows = self.rows()
        self.assertEqual(len(rows), 7)
        listed = self.house.api("GET", "/issued").json["issued"]
        self.assertEqual([r["serial"] for r in rows], [i["serial"] for i in listed])
        one = [r for r in rows if r["serial"] == self.made["gone"]][0]
        self.assertEqual((one["state"], one["reason"], one["name"], one["names"]),
                         ("revoked", "cessationOfOperation", "gone.example.com", "gone.example.com"))
        self.assertEqual([r["name"] for r in self.rows("?format=csv&state=soon&text=EXAMPLE")],
                         ["short.example.com"])
        self.assertEqual(self.browser.get("/certificates/export?state=held").text.count("\r\n"), 2)

    def test_M32_JSON_is_the_list_whole(self):
        a = self.export("?format=json&text=example.com")
        self.assertEqual(a.headers["Content-Type"], "application/json")
        self.assertEqual(a.json, self.house.api("GET", "/issued?text=example.com").json)
        self.refused(self.house.api("GET", "/issued/export?format=xls"), 400, "field.choice", "format")

    def test_cells_are_quoted_and_no_spreadsheet_runs_them(self):
        csr = self.csr('/O=He said "yes", then/CN==cmd', "URI:urn:x")
        serial = self.issue(csr, profile="client")["serial"]
        text = self.export("?text=" + serial).text
        row = list(csv.DictReader(io.StringIO(text, newline="")))[0]
        self.assertEqual(row["name"], "'=cmd")
        self.assertIn('said "yes"', row["subject"].replace("\\", ""))
        self.assertNotRegex(text, r"(^|,|\n)[=+@-]")
        with sqlite3.connect(self.house.data + "/certwright.db") as db:
            db.execute("DELETE FROM issued WHERE serial = ?", (serial,))

    def test_P22_strangers_get_no_file(self):
        a = self.house.request("GET", "/api/v1/issued/export")
        self.assertEqual(a.status, 401)
        self.assertNotIn("example.com", a.text)


class Many(CaCase):
    def test_P8_10000_are_a_file_and_a_start_in_2_s(self):
        self.issue()
        with sqlite3.connect(self.house.data + "/certwright.db") as db:
            db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10100)"
                       " INSERT INTO issued SELECT tenant_id, printf('%s%05d', substr(issued.id, 1, 21), i), ca_id,"
                       " printf('%s%05d', substr(serial, 1, 20), i), state, NULL, profile, der, randomblob(32),"
                       " spki_sha256, subject, name, names, not_before, not_after, 0, 0, created_at, NULL, 0, 0, owner"
                       " FROM issued, n WHERE profile = 'server'")
        a = self.house.api("GET", "/issued/export?format=json")
        self.assertEqual((len(a.json["issued"]), a.json["more"]), (10000, True))
        self.assertIn("certificates-newest-10000.json", a.headers["Content-Disposition"])
        a = self.house.api("GET", "/issued/export")
        self.assertEqual(a.text.count("\n"), 10001)
        page = self.signed_in().get("/certificates").text
        self.assertIn("the newest 10,000", page)
        self.assertIn("Older ones", page)

        self.assertEqual(len(self.house.api("GET", "/issued?limit=1000&text=example.com&state=valid").json["issued"]), 1000)
        self.house.stop()
        begin = time.monotonic()
        self.house.start()
        self.assertLess(time.monotonic() - begin, 2, "P8")


class Old(unittest.TestCase):
    """A database of the version before it had an index."""

    MANY = 5000

    def old_database(self, data):
        with sqlite3.connect(data + "/certwright.db") as db:
            db.execute("VACUUM INTO ?", (data + "/new.db",))
        for name in glob.glob(data + "/certwright.db*"):
            os.unlink(name)
        db = sqlite3.connect(data + "/certwright.db")
        db.executescript("CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT;"
                         " INSERT INTO schema_version VALUES (9)")
        for path in sorted(glob.glob(os.path.join(TOP, "sql", "000*.sql"))):
            with open(path, encoding="utf-8") as f:
                db.executescript(f.read())
        db.execute("ATTACH ? AS new", (data + "/new.db",))
        for table in ("setting", "identity", "key", "certificate", "install", "audit"):
            columns = ", ".join(c[1] for c in db.execute("PRAGMA main.table_info(%s)" % table))
            db.execute("INSERT INTO main.%s (%s) SELECT %s FROM new.%s" % (table, columns, columns, table))
        db.execute("INSERT INTO authority (tenant_id, name, created_by, created_at) VALUES ('system', 'old', 'x', 0)")
        db.execute("INSERT INTO ca (tenant_id, id, authority, role, state, number, type, key_id, spki, spki_sha256,"
                   " subject, created_at) VALUES ('system', 'ca', 'old', 'root', 'offline', 1, 'ec:P-256', 'k', x'00',"
                   " x'00', 'CN=old', 0)")
        now = int(time.time())
        for i in range(self.MANY):
            db.execute("INSERT INTO issued (tenant_id, id, ca_id, serial, state, profile, der, sha256, spki_sha256,"
                       " subject, name, names, not_before, not_after, revoked_at, created_at)"
                       " VALUES ('system', ?, 'ca', ?, ?, 'server', x'3003020101', ?, randomblob(32), ?, ?, ?, ?, ?, ?, ?)",
                       ("%026d" % i, "%06x" % (i + 1), "revoked" if i % 50 == 0 else "issued", os.urandom(32),
                        "CN=old%d" % i, "old%d" % i, "old%d.example.com" % i, now, now + 90 * DAY,
                        now if i % 50 == 0 else 0, now))
        db.commit()
        db.close()
        os.chown(data + "/certwright.db", os.stat(data).st_uid, os.stat(data).st_gid)

    def look(self, house):
        def serials(query):
            return [i["serial"] for i in house.api("GET", "/issued?limit=1000" + query).json["issued"]]
        return [serials("&text=old4321."), serials("&text=old432"), serials("&state=revoked"),
                serials("&text=ld10&state=revoked"), serials("&text=0010e1"), len(serials(""))]

    def test_M32_an_old_database_is_filed_and_found_all_along(self):
        with House() as house:
            data = house.data
            house.stop()
            self.old_database(data)
            house.start()
            first = self.look(house)
            self.assertEqual(first[0], ["%06x" % 4322])
            self.assertEqual(len(first[1]), 11)
            self.assertEqual(len(first[2]), 100)
            self.assertEqual(first[4], ["0010e1"])
            self.assertEqual(wait_filed(data, 60), 4096)
            self.assertEqual(self.look(house), first)
            self.assertTrue(os.path.exists(data + "/certwright.db.before-0010"))


def wait_filed(data, patience):
    """Numbers below which all are filed, once there is no whole block that is not."""
    end = time.monotonic() + patience
    with sqlite3.connect(data + "/certwright.db") as db:
        while time.monotonic() < end:
            below, last = db.execute("SELECT below, (SELECT max(number) FROM issued) FROM issued_filed").fetchone()
            if last < below + 4095:
                return below
            time.sleep(0.1)
    return 0


if __name__ == "__main__":
    tap.main()
