"""Lack of memory: the front gets an address space that is too small. It refuses
or ends, and starts again; nothing that it acknowledged is lost or half there."""

import http.client
import re
import signal
import threading
import unittest

import tap
from ca import CA
from house import BUILD, House
from test_kill import consistent

MIB = 1 << 20


def sheet_of(answer):
    return [answer.json[k] for k in ("verdict", "dispositions", "chain", "notes", "repairs")]


@unittest.skipIf("san" in BUILD, "sanitizers want address space for themselves")
class Shortage(unittest.TestCase):
    def work(self, house, answer, first, sheet, acked, wrong):
        for n in range(12):
            try:
                a = house.check(*answer, request=first) if n % 3 else house.regenerate(unit="round %d" % n)
            except (OSError, http.client.HTTPException):
                return  # it ended
            if a.status == 201:
                acked.append(a.json)
            elif a.status == 200 and sheet_of(a) != sheet:
                wrong.append(a.text)  # a sheet with something left out
            elif a.status == 503 and a.json["id"] == "memory.exhausted" and "disk" in a.json["hint"]:
                wrong.append(a.text)
            elif a.status not in (200, 500, 503):
                wrong.append(a.text)

    def test_P7_lack_of_memory_never_lies_and_service_goes_on(self):
        ca = CA()
        self.addCleanup(ca.close)
        with House() as house:
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            first = house.regenerate().json
            answer = ca.sign(first["pem"]) + ca.inter, ca.root + b"x" * 50000
            sheet = house.check(*answer, request=first["id"])
            self.assertEqual(sheet.status, 200, sheet.text)
            with open("/proc/%d/status" % house.process.pid) as f:
                size = int(re.search(r"VmSize:\s+(\d+)", f.read()).group(1)) * 1024
            command = house.command
            short = 0
            for more in (4, 600, 900):
                house.stop()
                house.command = lambda m=more: ["prlimit", "--as=%d" % (size + m * MIB)] + command()
                house.start()
                acked, wrong = [], []
                threads = [threading.Thread(target=self.work, args=(house, answer, first["id"], sheet_of(sheet),
                                                                   acked, wrong)) for _ in range(12)]
                for t in threads:
                    t.start()
                for t in threads:
                    t.join()
                self.assertEqual(wrong, [])
                ended = house.process.poll()
                self.assertIn(ended, (None, -signal.SIGABRT), house.errors()[-300:])
                short += ended is not None or "memory" in house.errors()
                house.command = command
                house.restart()
                for r in acked:
                    self.assertEqual(house.api("GET", "/requests/" + r["id"]).json, r)
                consistent(self, house)
            self.assertGreater(short, 0, "memory was never short")


if __name__ == "__main__":
    tap.main()
