"""kill -9 of the front and of the keeper in a loop, during Regenerate and
Install; each time the house starts again, whole, with all it acknowledged."""

import os
import signal
import sqlite3
import threading
import time
import unittest

import tap
from ca import CA
from house import FIELDS, House

ROUNDS = 12 if os.environ.get("CERTWRIGHT_LONG") else 4


def consistent(test, house):
    """What must hold after any crash."""
    path = os.path.join(house.data, "certwright.db")
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    try:
        test.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        test.assertEqual(db.execute("PRAGMA foreign_key_check").fetchall(), [])
    finally:
        db.close()
    verdict = house.api("GET", "/audit/verify")
    test.assertEqual(verdict.status, 200, verdict.text)
    test.assertEqual(verdict.json["verdict"], "whole", verdict.text)
    active = house.api("GET", "/identities/portal/certificate").json
    import base64
    leaf = base64.b64decode("".join(active["pem"].split("-----")[2].split()))
    test.assertEqual(house.served(), leaf, "the listener presents the active certificate")


class Careless(House):
    """Started by a program that ignores its children, as some supervisors do."""

    def command(self):
        return ["/usr/bin/env", "--ignore-signal=CHLD"] + super().command()


class Kill(unittest.TestCase):
    def work(self, house, ca, csr, acked, stop):
        """Regenerate and install until the house dies under us."""
        n = 0
        while not stop.is_set():
            n += 1
            try:
                a = house.regenerate(unit="round %d" % n)
                if a.status in (200, 201):
                    acked.append(("request", a.json["id"]))
                b = house.install(ca.sign(csr, names=["DNS:portal.example.com"]) + ca.inter)
                if b.status in (200, 201):
                    acked.append(("certificate", b.json["id"]))
            except Exception:
                if house.process is None or house.process.poll() is not None:
                    return
                time.sleep(0.01)

    def crash_loop(self, victim):
        ca = CA()
        with House() as house:
            self.assertIn(house.api("POST", "/identities/portal/keys",
                                    {"type": "ec:P-256"}).status, (200, 201))
            csr = house.regenerate().json["pem"]
            for r in range(ROUNDS):
                acked, stop = [], threading.Event()
                threads = [threading.Thread(target=self.work, args=(house, ca, csr, acked, stop))
                           for _ in range(4)]
                for t in threads:
                    t.start()
                time.sleep(0.4 + 0.23 * r)
                pid = house.process.pid if victim == "front" else house.keeper_pid()
                os.kill(pid, signal.SIGKILL)
                # if either dies, both end (crash-only)
                house.process.wait(20)
                stop.set()
                for t in threads:
                    t.join()
                house.stop()
                house.start()
                self.assertTrue(acked)
                for kind, found in acked:
                    a = house.api("GET", "/%ss/%s" % (kind, found))
                    self.assertEqual(a.status, 200, "%s %s was acknowledged" % (kind, found))
                consistent(self, house)
        ca.close()

    def test_P1_P7_kill_of_the_front_loses_nothing_acknowledged(self):
        self.crash_loop("front")

    def test_P1_P7_kill_of_the_keeper_loses_nothing_acknowledged(self):
        self.crash_loop("keeper")

    def test_where_the_caller_ignores_its_children_their_end_is_noticed(self):
        with Careless() as house:
            os.kill(house.keeper_pid(), signal.SIGKILL)
            house.process.wait(20)
            self.assertIn("certwright-keeper ended (status 137)", house.errors())

    def test_the_keeper_ends_when_the_front_is_killed(self):
        with House() as house:
            keeper = house.keeper_pid()
            house.process.send_signal(signal.SIGKILL)
            house.process.wait(20)
            for _ in range(200):
                if not os.path.exists("/proc/%d" % keeper):
                    break
                time.sleep(0.05)
            self.assertFalse(os.path.exists("/proc/%d" % keeper))


if __name__ == "__main__":
    tap.main()
