"""Our own authority as time goes by: lists, OCSP signers, ends. The clock is
moved, which only test builds let happen."""

import contextlib
import hashlib
import os
import re
import sqlite3
import subprocess
import threading
import time
import unittest
import urllib.error

import tap
from ca import openssl
from house import SEAMS
from test_ca import CaCase

DAY = 86400


@unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
class Clock(CaCase):
    def setUp(self):
        self.addCleanup(self.right)

    def right(self):
        """The clock of before; that it went back is confirmed."""
        self.house.at(0)
        self.assertIn(self.house.api("POST", "/clock/confirm").status, (200, 409))

    def stopped(self):
        """What the house says of its clock, wherever it says it."""
        clock = self.house.api("GET", "/status").json["clock"]
        health = self.house.request("GET", "/healthz")
        needs = [a for a in self.house.api("GET", "/components").json["attention"] if a["id"] == "clock"]
        page = self.signed_in().get("/settings/security/ca").text
        said = clock["stopped"]
        self.assertEqual((health.status, health.text), (200, "ok\n"))
        self.assertEqual(health.headers.get("Certwright-Degraded"), "clock" if said else None)
        self.assertEqual("The clock jumped" in page, said)
        self.assertTrue(needs if said else True)
        return clock if said else None

    def test_P36_a_clock_that_went_back_stops_certificates_until_it_is_confirmed(self):
        self.house.at(3 * DAY)
        held = self.issue()
        self.house.at(2 * DAY)
        clock = self.stopped()
        self.assertGreater(clock["from"], clock["to"])
        for a in (self.submit(), self.house.api("POST", "/cas", {"name": "late"}),
                  self.house.api("POST", "/cas/house/rollover")):
            self.refused(a, 409, "clock.jumped")
            self.assertRegex(a.json["detail"], "the clock went back: it showed .* then ")
            self.assertIn("ca confirm-clock", a.json["hint"])
        # what makes nothing valid goes on
        r = self.house.api("POST", "/issued/revoke", {"serial": held["serial"]})
        self.assertEqual(r.status, 200, r.text)
        self.assertTrue(self.listed(held["serial"], self.fetch(self.url(held["certificate"], "crl"))))
        self.house.at(3 * DAY)  # a restart, and a clock set right, take nothing back
        self.assertTrue(self.stopped())
        self.refused(self.submit(), 409, "clock.jumped")
        b = self.signed_in()
        self.assertEqual(b.post("/settings/security/ca-clock", {}, b.get("/settings/security/ca")).status, 200)
        self.assertIsNone(self.stopped())
        self.issue()
        self.refused(self.house.api("POST", "/clock/confirm"), 409, "clock.fine")
        jumps = [e for e in self.events("clock.jump") if e["actor"] == "system"]
        self.assertTrue(jumps)
        self.assertEqual(jumps[0]["detail"]["verdict"], "back")
        self.assertEqual([e["actor"] for e in self.events("clock.confirm") if e["outcome"] == "done"][0], "root")

    def test_P36_a_clock_far_ahead_stops_certificates_and_one_that_was_away_does_not(self):
        self.house.at(29 * DAY)  # a holiday
        self.assertIsNone(self.stopped())
        self.issue(days=1)
        self.house.at(60 * DAY)
        clock = self.stopped()
        self.assertLess(clock["from"], clock["to"])
        a = self.submit()
        self.refused(a, 409, "clock.jumped")
        self.assertIn("the clock went ahead", a.json["detail"])
        r = self.house.cli("ca", "confirm-clock")
        self.assertEqual((r.returncode, r.stdout), (0, "certificates are signed again\n"), r.stderr)
        self.assertIsNone(self.stopped())
        self.issue(days=1)

    def test_P36_a_preview_signs_nothing_and_goes_on(self):
        self.house.at(2 * DAY)
        self.house.at(0)
        self.refused(self.submit(), 409, "clock.jumped")
        self.assertEqual(self.house.api("POST", "/csr/preview", {"csr": self.csr(), "authority": "house"}).status, 200)

    def url(self, pem, what):
        return [u for u in re.findall(r"URI:(\S+)", self.text(pem, "-text")) if "/%s/" % what in u][0]

    def number(self, der):
        said = openssl("crl", "-inform", "DER", "-noout", "-crlnumber", stdin=der).decode()
        return int(said.split("=")[1], 16)

    def listed(self, serial, der):
        return "Serial Number: " + serial.upper() in openssl(
            "crl", "-inform", "DER", "-noout", "-text", stdin=der).decode()

    def test_P6_a_stale_list_is_renewed_at_the_first_fetch_and_once(self):
        url = self.url(self.issue()["certificate"], "crl")
        first = self.fetch(url)
        self.assertEqual(self.fetch(url), first)
        self.house.at(2 * DAY)
        got, start = [], threading.Barrier(20)

        def one():
            start.wait()
            got.append(self.fetch(url))

        threads = [threading.Thread(target=one) for _ in range(20)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(len(got), 20)
        self.assertEqual(set(map(self.number, got)), {self.number(first) + 1})
        self.assertEqual(len(set(got)), 1)
        self.assertEqual(self.fetch(url), got[0])

    def test_P36_a_clock_set_back_gives_a_list_of_now_with_a_greater_number(self):
        url = self.url(self.issue()["certificate"], "crl")
        self.house.at(400 * DAY)
        ahead = self.fetch(url)
        self.house.at(0)
        back = self.fetch(url)
        self.assertLess(self.number(ahead), self.number(back))
        lines = openssl("crl", "-inform", "DER", "-noout", "-lastupdate", "-nextupdate", stdin=back).decode()
        ends = openssl("crl", "-inform", "DER", "-noout", "-lastupdate", "-nextupdate", stdin=ahead).decode()
        self.assertNotEqual(lines, ends)

    def signer(self, pem):
        """Serial number and end of who signs about this certificate now."""
        leaf = self.write("asked.pem", pem)
        r = subprocess.run(["openssl", "ocsp", "-issuer", self.issuing, "-cert", leaf, "-CAfile", self.root,
                            "-url", self.url(pem, "ocsp"), "-resp_text", "-attime", str(self.now() + 60),
                            "-validity_period", str(400 * DAY)], capture_output=True, text=True)
        self.assertIn("Response verify OK", r.stderr)
        self.assertIn(": good\n", r.stdout)
        pem = r.stdout[r.stdout.index("-----BEGIN CERT"):]
        return self.text(pem, "-serial", "-enddate")

    def now(self):
        return int(time.time()) + int(self.house.env.get("CERTWRIGHT_TEST_CLOCK_OFFSET", 0))

    def test_P36_the_OCSP_signer_is_renewed_by_itself_in_time(self):
        pem = self.issue()["certificate"]
        first = self.signer(pem)
        self.house.at(10 * DAY)
        self.assertEqual(self.signer(pem), first)
        self.house.at(29 * DAY)
        second = self.signer(pem)
        self.assertNotEqual(second, first)
        self.house.at(300 * DAY)
        third = self.signer(pem)
        self.assertNotEqual(third, second)
        self.house.at(0)  # set back, and nobody has to wait for 300 days
        self.assertNotEqual(self.signer(pem), third)

    def test_P6_the_revoked_are_listed_until_their_end_and_once_after_it(self):
        gone, there = self.issue(days=7), self.issue(days=90)
        url = self.url(gone["certificate"], "crl")
        for a in (gone, there):
            self.assertEqual(self.house.api("POST", "/issued/revoke", {"serial": a["serial"]}).status, 200)
        expected = ((0, True), (5 * DAY, True), (7 * DAY - 60, True),
                    (8 * DAY, True),  # RFC 5280 3.3: on one list that was made after its end
                    (10 * DAY, False), (11 * DAY, False))
        for offset, listed in expected:
            self.house.at(offset)
            der = self.fetch(url)
            self.assertEqual(self.listed(gone["serial"], der), listed, offset / DAY)
            self.assertTrue(self.listed(there["serial"], der), offset / DAY)
        self.house.at(91 * DAY)
        self.fetch(url)
        self.house.at(93 * DAY)
        self.assertFalse(self.listed(there["serial"], self.fetch(url)))

    def test_nothing_is_issued_beyond_the_end_of_the_issuing_CA(self):
        a = self.house.api("POST", "/cas", {"name": "brief", "days": 10, "root_days": 20})
        self.assertEqual(a.status, 201, a.text)
        self.house.at(5 * DAY + 3600)
        b = self.issue(authority="brief", days=90)
        life = [d for d in b["dispositions"] if d["item"] == "validity.days"][0]
        self.assertEqual((life["outcome"], life["granted"], life["rule"]),
                         ("amended", "4", "issue.issuer-ends"))
        for offset, word in ((10 * DAY - 3600, "ends"), (11 * DAY + 3600, "ended")):
            self.house.at(offset)
            r = self.submit(authority="brief")
            self.refused(r, 422, "submit.refused")
            self.assertIn("the authority's own certificate " + word, r.json["detail"])
            self.assertIn("ca rollover", r.json["detail"])
        c = self.house.api("POST", "/cas/brief/rollover")
        self.assertEqual(c.status, 200, c.text)
        d = self.submit(authority="brief", days=90)
        self.assertEqual(d.status, 201, d.text)
        life = [x for x in d.json["dispositions"] if x["item"] == "validity.days"][0]
        self.assertEqual(life["granted"], "8")

    def test_the_last_list_of_a_root_whose_key_is_offline_is_good_for_a_year(self):
        a = self.house.api("POST", "/cas", {"name": "away"}).json
        leaf = self.write("leaf.pem", self.issue(authority="away")["certificate"])
        root, issuing = self.write("away.pem", a["root"]), self.write("away-i.pem", a["issuing"])
        urls = [self.url(open(leaf).read(), "crl"), self.url(a["issuing"], "crl")]
        pem = self.house.api("POST", "/cas/away/offline", {"passphrase": "correct horse battery 9"}).json["pem"]
        self.house.at(3 * DAY)  # whoever takes it away has time
        self.fetch(urls[1])
        digest = hashlib.sha256(pem.encode()).hexdigest()
        self.assertEqual(self.house.api("POST", "/cas/away/offline", {"sha256": digest}).status, 200)
        for offset, good in ((4 * DAY, True), (360 * DAY, True), (369 * DAY, False)):
            self.house.at(offset)
            lists = b"".join(openssl("crl", "-inform", "DER", stdin=self.fetch(u)) for u in urls)
            r = subprocess.run(["openssl", "verify", "-x509_strict", "-crl_check_all", "-CRLfile",
                                self.write("lists.pem", lists), "-CAfile", root, "-untrusted", issuing,
                                "-attime", str(self.now() + 60), leaf], capture_output=True, text=True)
            self.assertEqual(r.returncode == 0, good, r.stderr)

    def database(self):
        return sqlite3.connect(os.path.join(self.house.data, "certwright.db"))

    def away(self, name):
        """An authority, after its root's key went offline; and to ask OCSP about its issuing CA."""
        a = self.house.api("POST", "/cas", {"name": name}).json
        root, issuing = self.write(name + ".pem", a["root"]), self.write(name + "-i.pem", a["issuing"])
        url = self.url(a["issuing"], "crl").replace("/crl/", "/ocsp/")[:-len(".crl")]

        def asked():
            r = subprocess.run(["openssl", "ocsp", "-issuer", root, "-cert", issuing, "-CAfile", root, "-url", url,
                                "-validity_period", str(400 * DAY), "-attime", str(self.now() + 60)],
                               capture_output=True, text=True)
            return "Response verify OK" in r.stderr and ": good\n" in r.stdout

        self.assertTrue(asked())
        with contextlib.closing(self.database()) as db:
            before = db.execute("SELECT o.blob, o.spki, o.der, o.not_after, o.ca_id FROM ocsp_signer o"
                                " JOIN ca c ON c.id = o.ca_id WHERE c.authority = ? AND c.role = 'root'",
                                (name,)).fetchone()
        pem = self.house.api("POST", "/cas/%s/offline" % name, {"passphrase": "correct horse battery 9"}).json["pem"]
        digest = hashlib.sha256(pem.encode()).hexdigest()
        self.assertEqual(self.house.api("POST", "/cas/%s/offline" % name, {"sha256": digest}).status, 200)
        return asked, before

    def needs_root(self):
        return [a["message"] for a in self.house.api("GET", "/components").json["attention"]
                if a["id"] == "root-offline"]

    def cannot(self, name):
        return [e for e in self.house.errors().splitlines() if "OCSP signer of the root of %s" % name in e]

    def test_P36_OCSP_of_a_root_whose_key_is_offline_goes_on_for_a_year(self):
        asked, _ = self.away("gone")
        for offset, good in ((1 * DAY, True), (340 * DAY, True), (369 * DAY, False)):
            self.house.at(offset)
            self.assertEqual([asked() for _ in range(3)], [good] * 3, offset / DAY)
            needs = [m for m in self.needs_root() if "root of gone" in m]
            self.assertEqual(len(needs), 0 if offset == DAY else 1, offset / DAY)
        self.assertRegex(needs[0], "ended on .*: its key is offline since ")
        said = self.cannot("gone")
        self.assertEqual(len(said), 1, said)  # not with each question
        self.assertRegex(said[0], r"cannot be renewed \(it ended on .*\): the key of the root of gone is offline since "
                                  r"\d.*ca online gone")

    def test_P36_an_OCSP_signer_that_cannot_be_renewed_answers_to_its_end(self):
        asked, short = self.away("older")
        self.house.stop()
        with contextlib.closing(self.database()) as db, db:
            db.execute("UPDATE ocsp_signer SET blob = ?, spki = ?, der = ?, not_after = ? WHERE ca_id = ?", short)
        for offset, good, word in ((25 * DAY, True, "ends"), (31 * DAY, False, "ended")):
            before = len(self.cannot("older"))
            self.house.at(offset)
            self.assertEqual([asked() for _ in range(3)], [good] * 3, offset / DAY)
            said = self.cannot("older")[before:]
            self.assertEqual(len(said), 1, said)
            self.assertIn("(it %s on" % word, said[0])
            self.assertEqual(len([m for m in self.needs_root() if "root of older" in m]), 1)

    def test_P32_who_asks_in_vain_does_not_fill_the_log(self):
        a = self.house.api("POST", "/cas", {"name": "broken"}).json
        leaf = self.write("broken-leaf.pem", self.issue(authority="broken")["certificate"])
        request = openssl("ocsp", "-issuer", self.write("broken.pem", a["issuing"]), "-cert", leaf, "-no_nonce",
                          "-reqout", "/dev/stdout")
        url = self.url(open(leaf).read(), "ocsp")
        self.fetch(url, request)
        self.house.stop()
        with contextlib.closing(self.database()) as db, db:
            db.execute("UPDATE ocsp_signer SET der = x'00' WHERE ca_id IN (SELECT id FROM ca"
                       " WHERE authority = 'broken' AND role = 'issuing')")
        self.house.start()
        for _ in range(5):
            with self.assertRaises(urllib.error.HTTPError) as e:
                self.fetch(url, request)
            self.assertEqual(e.exception.code, 503)
        self.assertEqual(self.house.errors().count("an OCSP answer could not be made"), 1)

    def test_a_root_that_has_ended_signs_nothing(self):
        a = self.house.api("POST", "/cas", {"name": "short", "days": 10, "root_days": 10})
        self.assertEqual(a.status, 201, a.text)
        for offset in (10 * DAY - 3600, 11 * DAY):
            self.house.at(offset)
            self.refused(self.house.api("POST", "/cas/short/rollover"), 409, "ca.ended", "under")
            self.refused(self.house.api("POST", "/cas", {"name": "under", "under": "short"}),
                         409, "ca.ended", "under")


if __name__ == "__main__":
    tap.main()
