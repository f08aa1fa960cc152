"""Many at once: 32 clients read and write side by side; nothing is lost, the
audit chain stays whole. Small enough for the thread sanitizer."""

import concurrent.futures
import unittest

import tap
from ca import CA
from house import House

CLIENTS = 32
EACH = 6


class Parallel(unittest.TestCase):
    def test_P1_parallel_writers_are_all_durable_and_in_one_chain(self):
        with House() as house:
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})

            def work(n):
                made = []
                for i in range(EACH):
                    a = house.regenerate(unit="client %d round %d" % (n, i))
                    assert a.status in (200, 201), a.text
                    made.append(a.json["id"])
                    assert house.api("GET", "/components").status == 200
                    house.served()
                return made

            with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
                made = [i for part in pool.map(work, range(CLIENTS)) for i in part]
            self.assertEqual(len(set(made)), CLIENTS * EACH)
            house.restart()
            listed = house.api("GET", "/identities/portal/requests").json["requests"]
            self.assertEqual({r["id"] for r in listed}, set(made))
            self.assertEqual({r["number"] for r in listed}, set(range(1, CLIENTS * EACH + 1)))
            self.assertEqual(house.api("GET", "/audit/verify").json["verdict"], "whole")
            self.assertNotIn("ThreadSanitizer", house.errors())
            self.assertEqual(house.stop(), 0)

    def test_P5_swaps_under_handshakes_never_fail_one(self):
        ca = CA()
        with House() as house:
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            csr = house.regenerate().json["pem"]
            leaf = ca.sign(csr)
            valid = {house.served(), ca.der(leaf)}
            self.assertIn(house.install(leaf + ca.inter).status, (200, 201))
            stop = []

            def watch(_):
                seen = set()
                while not stop:
                    seen.add(house.served())
                return seen

            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                watchers = [pool.submit(watch, n) for n in range(4)]
                for _ in range(20):
                    self.assertEqual(house.api("POST", "/identities/portal/rollback", {}).status, 200)
                stop.append(True)
                seen = set().union(*(w.result() for w in watchers))
            self.assertEqual(seen - valid, set())
            self.assertEqual(house.stop(), 0)
        ca.close()


if __name__ == "__main__":
    tap.main()
