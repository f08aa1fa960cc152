"""How an authority says what it revoked: the full list, parts of it, changes
since; OpenSSL decides with each of them."""

import os
import re
import signal
import sqlite3
import unittest
import urllib.error

import tap
from ca import openssl
from test_ca import CaCase

GOOD, REVOKED = "good", "revoked"


class Lists(CaCase):
    def lists(self, name="house", **setting):
        a = self.house.api("POST", "/cas/%s/lists" % name, setting)
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def url(self, pem):
        return [u for u in re.findall(r"URI:(\S+)", self.text(pem, "-text")) if "/crl/" in u][0]

    def delta_url(self, url):
        return url.replace(".crl", ".delta.crl")

    def shard(self, pem):
        part = self.url(pem).rsplit("/", 1)[1].split(".")
        return int(part[1]) if len(part) == 3 else 0

    def full_url(self, pem):
        return re.sub(r"\.\d+\.crl$", ".crl", self.url(pem))

    def said(self, der, *what):
        return openssl("crl", "-inform", "DER", "-noout", *(what or ("-text",)), stdin=der).decode()

    def number(self, der):
        return int(self.said(der, "-crlnumber").split("=")[1], 16)

    def listed(self, serial, der):
        return "Serial Number: " + serial.upper() in self.said(der)

    def judged(self, pem, ders, *options):
        """What OpenSSL says with these lists: good, revoked, or why it cannot say."""
        lists = self.write("lists.pem", b"".join(openssl("crl", "-inform", "DER", stdin=d) for d in ders))
        ok, said = self.verifies(pem, "-crl_check", "-CRLfile", lists, *options)
        return GOOD if ok else REVOKED if "certificate revoked" in said else said

    def revoke(self, made, reason="superseded"):
        a = self.house.api("POST", "/issued/revoke", {"serial": made["serial"], "reason": reason})
        self.assertEqual(a.status, 200, a.text)

    def of_shards(self, *wanted):
        """A certificate of each of these parts."""
        found = {}
        for _ in range(100):
            made = self.issue()
            found.setdefault(self.shard(made["certificate"]), made)
            if set(wanted) <= set(found):
                return [found[w] for w in wanted]
        return self.fail("no certificate of %s" % (wanted,))


class Deltas(Lists):
    def setUp(self):
        self.lists(deltas="on", shards=1)
        self.addCleanup(self.lists, deltas="off")

    def test_P6_the_next_delta_shows_what_was_revoked_since_its_base(self):
        before, after = self.issue(), self.issue()
        self.revoke(before)
        url = self.url(after["certificate"])
        base = self.fetch(url)
        self.assertIn("X509v3 Freshest CRL", self.said(base))
        self.assertIn(self.delta_url(url), self.said(base))
        delta = self.fetch(self.delta_url(url))
        self.assertRegex(self.said(delta), r"X509v3 Delta CRL Indicator: critical")
        self.assertNotIn("Freshest", self.said(delta))
        self.assertFalse(self.listed(after["serial"], delta))
        self.assertEqual(self.judged(after["certificate"], [base, delta], "-use_deltas"), GOOD)
        self.revoke(after)
        newer = self.fetch(self.delta_url(url))
        self.assertGreater(self.number(newer), self.number(base))
        self.assertTrue(self.listed(after["serial"], newer))
        self.assertEqual(self.judged(after["certificate"], [base], "-use_deltas"), GOOD)  # it cannot know
        self.assertEqual(self.judged(after["certificate"], [base, newer], "-use_deltas"), REVOKED)
        self.assertEqual(self.judged(before["certificate"], [base, newer], "-use_deltas"), REVOKED)
        self.assertTrue(self.listed(after["serial"], self.fetch(url)))  # and the full one
        self.house.restart()
        self.assertTrue(self.listed(after["serial"], self.fetch(self.delta_url(url))))

    def test_a_hold_taken_back_is_taken_off_by_the_delta(self):
        made = self.issue()
        pem, url = made["certificate"], self.url(made["certificate"])
        self.revoke(made, "certificateHold")
        base = self.fetch(url)
        self.assertEqual(self.judged(pem, [base]), REVOKED)
        self.assertEqual(self.house.api("POST", "/issued/release", {"serial": made["serial"]}).status, 200)
        delta = self.fetch(self.delta_url(url))
        self.assertIn("Remove From CRL", self.said(delta))
        self.assertEqual(self.judged(pem, [base, delta], "-use_deltas"), GOOD)
        self.assertNotIn("Remove From CRL", self.said(self.fetch(url)))

    def test_every_full_list_since_the_base_can_be_used(self):
        made = [self.issue() for _ in range(3)]
        url = self.url(made[0]["certificate"])
        fulls = [self.fetch(url)]
        for m in made:
            self.revoke(m)
            fulls.append(self.fetch(url))
        last = self.issue()
        self.revoke(last)
        delta = self.fetch(self.delta_url(url))
        for full in fulls:
            for m in made + [last]:
                self.assertEqual(self.judged(m["certificate"], [full, delta], "-use_deltas"), REVOKED)

    def test_lists_of_long_ago_are_forgotten_but_for_one(self):
        made = self.issue()
        url = self.url(made["certificate"])
        self.fetch(url)
        for _ in range(3):
            m = self.issue()
            self.revoke(m)
            self.fetch(url)
        with sqlite3.connect(self.house.data + "/certwright.db") as db:
            rows = db.execute("SELECT count(*), sum(der IS NULL) FROM crl WHERE ca_id = ? AND shard = 0",
                              (os.path.basename(url).split(".")[0],)).fetchone()
        self.assertEqual(rows, (2, 2))  # the oldest, and the newest: the others lie close together

    def test_off_no_list_names_one(self):
        self.lists(deltas="off")
        made = self.issue()
        self.assertNotIn("Freshest", self.said(self.fetch(self.url(made["certificate"]))))


class Shards(Lists):
    def setUp(self):
        self.lists(shards=3, deltas="on")
        self.addCleanup(self.lists, shards=1, deltas="off")

    def test_P6_the_next_list_of_its_part_shows_what_was_revoked(self):
        one, two = self.of_shards(1, 2)
        urls = [self.url(m["certificate"]) for m in (one, two)]
        lists = [self.fetch(u) for u in urls]
        self.assertRegex(self.said(lists[0]), r"X509v3 Issuing Distribution Point: critical\s+Full Name:\s+URI:" + urls[0])
        self.assertEqual(self.judged(one["certificate"], lists[:1]), GOOD)
        self.assertIn("different CRL scope", self.judged(one["certificate"], lists[1:]))
        self.revoke(one)
        fresh = self.fetch(urls[0])
        self.assertEqual(self.judged(one["certificate"], [fresh], "-extended_crl"), REVOKED)
        self.assertFalse(self.listed(one["serial"], self.fetch(urls[1])))
        self.assertEqual(self.fetch(urls[1]), lists[1])  # nothing changed there
        full = self.fetch(self.full_url(one["certificate"]))
        self.assertNotIn("Issuing Distribution Point", self.said(full))
        self.assertEqual(self.judged(one["certificate"], [full]), REVOKED)
        self.assertEqual(self.judged(two["certificate"], [full]), GOOD)
        delta = self.fetch(self.delta_url(urls[0]))
        self.assertEqual(self.judged(one["certificate"], [lists[0], delta], "-use_deltas", "-extended_crl"), REVOKED)
        self.assertEqual(self.judged(two["certificate"], [lists[1], self.fetch(self.delta_url(urls[1]))],
                                     "-use_deltas", "-extended_crl"), GOOD)

    def test_what_was_named_once_is_served_on(self):
        three, = self.of_shards(3)
        url = self.url(three["certificate"])
        self.lists(shards=1)
        self.assertEqual(self.shard(self.issue()["certificate"]), 0)
        self.revoke(three)
        self.assertEqual(self.judged(three["certificate"], [self.fetch(url)]), REVOKED)
        self.assertTrue(self.listed(three["serial"], self.fetch(self.full_url(three["certificate"]))))

    def test_a_new_issuing_CA_has_as_many_parts(self):
        a = self.house.api("POST", "/cas", {"name": "rolled"})
        self.assertEqual(a.status, 201)
        self.assertEqual(self.lists("rolled", shards=2)["shards"], 2)
        self.assertEqual(self.house.api("POST", "/cas/rolled/rollover", {}).status, 200)
        made = self.submit(authority="rolled").json
        self.assertIn(self.shard(made["certificate"]), (1, 2))
        self.assertIn("Issuing Distribution Point", self.said(self.fetch(self.url(made["certificate"]))))

    def test_P4_one_that_is_presumed_stands_on_the_part_that_it_names(self):
        two, = self.of_shards(2)
        self.house.stop(signal.SIGKILL)
        with sqlite3.connect(self.house.data + "/certwright.db") as db:  # as if the commit had been cut off
            db.execute("DELETE FROM issued WHERE serial = ?", (two["serial"],))
        self.house.start()
        self.assertEqual(self.house.api("GET", "/issued/" + two["serial"]).json["state"], "presumed")
        a = self.house.api("POST", "/issued/revoke", {"certificate": two["certificate"], "reason": "superseded"})
        self.assertEqual(a.status, 200, a.text)
        self.assertEqual(self.judged(two["certificate"], [self.fetch(self.url(two["certificate"]))]), REVOKED)

    def test_lists_that_are_not_are_not_found(self):
        url = self.full_url(self.issue()["certificate"])
        for wrong in (".4.crl", ".0.crl", ".1.2.crl", ".65.crl", ".99999999999999999999.crl", ".-1.crl", ".delta", "..crl",
                      ".1.delta", ".01.crl"):
            with self.assertRaises(urllib.error.HTTPError) as e:
                self.fetch(url.replace(".crl", wrong))
            self.assertEqual(e.exception.code, 404, wrong)

    def test_each_setting_is_checked_and_stands_in_the_audit(self):
        for wrong in (0, 65, -1):
            self.refused(self.house.api("POST", "/cas/house/lists", {"shards": wrong}), 400, "ca.shards", "shards")
        self.refused(self.house.api("POST", "/cas/house/lists", {"deltas": "maybe"}), 400, "field.choice", "deltas")
        self.refused(self.house.api("POST", "/cas/nobody/lists", {"shards": 2}), 404, "not-found")
        a = self.house.api("GET", "/cas/house").json
        self.assertEqual((a["shards"], a["deltas"]), (3, True))
        self.assertIn("ca.lists", [e["action"] for e in self.house.api("GET", "/audit?limit=10").json["events"]])


class Moved(Lists):
    def test_a_part_has_all_addresses_under_which_certificates_name_it(self):
        self.lists(shards=2)
        old, = self.of_shards(1)
        self.house.options += ["--http-url", "http://pki.example.com"]
        self.house.restart()
        new, = self.of_shards(1)
        self.assertEqual(self.url(new["certificate"]).split("/")[2], "pki.example.com")
        part = self.fetch(self.url(old["certificate"]))
        for made in (old, new):
            self.assertEqual(self.judged(made["certificate"], [part]), GOOD)


if __name__ == "__main__":
    tap.main()
