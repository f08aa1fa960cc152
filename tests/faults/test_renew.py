"""kill -9 of the front and of the keeper while certificates are renewed: each is
renewed in the end, and once."""

import collections
import os
import random
import signal
import time
import unittest

import tap
from house import FIELDS, SEAMS, House
from test_kill import ROUNDS, consistent

DAY = 86400
MANY = 24


@unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
class Renew(unittest.TestCase):
    def setUp(self):
        self.house = House(options=["--renew-spread", "0"])
        self.addCleanup(self.house.close)
        self.assertEqual(self.house.api("POST", "/cas", {"name": "house"}).status, 201)
        for i in range(MANY):
            self.issue("portal" if i == 0 else "shop%d" % i)

    def issue(self, name):
        if name != "portal":
            self.house.api("POST", "/identities", {"name": name})
        self.house.api("POST", "/identities/%s/keys" % name, {"type": "ec:P-256"})
        csr = self.house.api("POST", "/identities/%s/requests" % name,
                             dict(FIELDS, common_name=name + ".example.com")).json["pem"]
        made = self.house.api("POST", "/authorities/house/requests", {"csr": csr, "days": 6}).json
        a = self.house.api("POST", "/identities/%s/certificates" % name, {"request": made["id"]})
        self.assertEqual(a.status, 201, a.text)

    def renewals(self):
        return self.house.api("GET", "/renewals").json["renewals"]

    def test_P37_killed_again_and_again_each_is_renewed_once(self):
        chance = random.Random(37)
        self.house.at(3 * DAY + 60)
        for r in range(2 * ROUNDS):
            time.sleep(chance.uniform(0.0, 0.12))
            victim = self.house.process.pid if r % 2 else self.house.keeper_pid()
            os.kill(victim, signal.SIGKILL)
            self.house.process.wait(20)
            self.house.stop()
            self.house.start()
        end = time.monotonic() + 60
        while not all(r["renewed"] for r in self.renewals()):
            # what a crash of the keeper made fail is tried again later: not here
            for r in self.renewals():
                if r["state"] == "failed":
                    self.house.api("POST", "/renewals/%s/now" % r["identity"])
            self.assertLess(time.monotonic(), end, self.renewals())
            time.sleep(0.1)
        consistent(self, self.house)
        self.assertEqual(len(self.renewals()), MANY)
        issued = self.house.api("GET", "/issued?limit=1000").json["issued"]
        per = collections.Counter(i["subject"] for i in issued
                                  if i["profile"] == "server" and i["state"] == "issued")
        self.assertEqual(len(per), MANY)
        self.assertEqual({n: k for n, k in per.items() if k != 2}, {})


if __name__ == "__main__":
    tap.main()
