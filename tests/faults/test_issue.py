"""kill -9 in a loop while certificates are issued: each of them is issued, or
presumed issued and revocable, and no serial is used twice."""

import collections
import os
import signal
import sqlite3
import struct
import threading
import time
import unittest

import tap
from ca import openssl
from house import House
from test_kill import ROUNDS, consistent


def signed(house):
    """The serials of all certificates that the sign journal has, in hex."""
    out = []
    with open(os.path.join(house.data, "sign-journal"), "rb") as f:
        data = f.read()
    at = 0
    while at + 4 <= len(data):
        n, = struct.unpack_from(">I", data, at)
        body = data[at + 4:at + 4 + n - 16]
        at += 4 + n
        if not body or body[0] != 1:
            continue
        m, = struct.unpack_from(">I", body, 1)
        tbs = body[1 + 4 + m + 4:]
        # TBSCertificate ::= SEQUENCE { [0] version, serialNumber INTEGER ...
        p = 2 if tbs[1] < 0x80 else 2 + (tbs[1] & 0x7f)
        p += 5
        assert tbs[p] == 2
        out.append(tbs[p + 2:p + 2 + tbs[p + 1]].hex())
    return [s[2:] if s.startswith("00") else s for s in out]


def rows(house):
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(house.data, "certwright.db"), uri=True)
    try:
        return dict(db.execute("SELECT serial, state FROM issued"))
    finally:
        db.close()


class Issue(unittest.TestCase):
    def setUp(self):
        self.house = House()
        self.house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        self.csr = self.house.regenerate().json["pem"]
        self.assertEqual(self.house.api("POST", "/cas", {"name": "house"}).status, 201)

    def tearDown(self):
        self.house.close()

    def work(self, acked, stop):
        while not stop.is_set():
            try:
                a = self.house.api("POST", "/authorities/house/requests", {"csr": self.csr})
                if a.status == 201:
                    acked.append(a.json["serial"])
            except Exception:
                if self.house.process is None or self.house.process.poll() is not None:
                    return

    def crash(self, victim, after):
        acked, stop = [], threading.Event()
        threads = [threading.Thread(target=self.work, args=(acked, stop)) for _ in range(8)]
        for t in threads:
            t.start()
        time.sleep(after)
        os.kill(self.house.process.pid if victim == "front" else self.house.keeper_pid(), signal.SIGKILL)
        self.house.process.wait(20)
        stop.set()
        for t in threads:
            t.join()
        self.house.stop()
        return acked

    def loop(self, victim):
        for r in range(ROUNDS):
            acked = self.crash(victim, 0.3 + 0.19 * r)
            self.assertTrue(acked)
            before = rows(self.house)
            self.house.start()
            after, journal = rows(self.house), signed(self.house)
            # P1: what was acknowledged is issued
            self.assertEqual({s for s in acked if after.get(s) != "issued"}, set())
            # P2, P4: what may have been signed has its row; nothing else has one
            self.assertEqual(set(journal), set(after))
            # P3
            self.assertEqual([s for s, n in collections.Counter(journal).items() if n > 1], [])
            lost = set(journal) - set(before)
            self.assertEqual({after[s] for s in lost} - {"presumed"}, set())
            for serial in lost:
                a = self.house.api("POST", "/issued/revoke", {"serial": serial})
                self.assertEqual((a.status, a.json["state"]), (200, "revoked"), a.text)
            consistent(self, self.house)

    def test_P4_kill_of_the_front_leaves_each_issued_or_presumed(self):
        self.loop("front")

    def test_P4_kill_of_the_keeper_leaves_each_issued_or_presumed(self):
        self.loop("keeper")

    def test_P4_one_that_was_signed_and_not_kept_is_presumed_and_on_the_list(self):
        a = self.house.api("POST", "/authorities/house/requests", {"csr": self.csr}).json
        self.house.stop(signal.SIGKILL)
        # as if the commit had been cut off: the row is gone, the record is there
        db = sqlite3.connect(os.path.join(self.house.data, "certwright.db"))
        db.execute("DELETE FROM issued WHERE serial = ?", (a["serial"],))
        db.commit()
        db.close()
        self.house.start()
        one = self.house.api("GET", "/issued/" + a["serial"]).json
        self.assertEqual((one["state"], one["pem"], one["names"]),
                         ("presumed", None, ["pki@example.com", "portal.example.com"]))
        events = [e["object"] for e in
                  self.house.api("GET", "/audit?text=certificate.presume").json["events"]]
        self.assertEqual(events, [a["serial"]])
        for act, body, state in (("revoke", {"reason": "certificateHold"}, "held"), ("release", {}, "presumed"),
                                 ("revoke", {"reason": "superseded"}, "revoked")):
            # whoever has the certificate shows it
            r = self.house.api("POST", "/issued/" + act, dict(body, certificate=a["certificate"]))
            self.assertEqual((r.status, r.json.get("state")), (200, state), r.text)
            self.assertIsNone(self.house.api("GET", "/issued/" + a["serial"]).json["pem"], state)
        # it is settled: the next start reads nothing again
        self.house.restart()
        self.assertEqual(len(self.house.api("GET", "/audit?text=certificate.presume").json["events"]), 1)


if __name__ == "__main__":
    tap.main()
