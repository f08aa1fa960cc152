"""The rate of issuing while a backup of a million certificates is made: bench_backup.py [--quick]."""

import json
import os
import shutil
import statistics
import tempfile
import threading
import time

import many
from bench_wrk import wrk
from house import House
from table import QUICK, row

MANY = 50000 if QUICK else 1000000
TURNS = 2 if QUICK else 5       # of a second each, before and after
BACKUPS = 1 if QUICK else 3


class Issuing:
    def __init__(self, house, folder):
        self.url = "https://127.0.0.1:%d/api/v1/authorities/house/requests" % house.port
        self.token = house.api("POST", "/tokens", {}).json["token"]
        self.body = os.path.join(folder, "body.json")
        with open(self.body, "w", encoding="ascii") as f:
            json.dump({"csr": many.a_csr(house, "backup.example.com")}, f)

    def rate(self):
        """Certificates a second, of one second."""
        return wrk(self.url, self.body, "application/json", 201, self.token, seconds=1)[1]


class Backup(threading.Thread):
    def __init__(self, house):
        super().__init__()
        self.house, self.made, self.took = house, None, 0.0

    def run(self):
        begin = time.monotonic()
        self.made = self.house.api("POST", "/backups")
        self.took = time.monotonic() - begin


def during(house, issuing):
    """The rates of the seconds that lie within one backup, and how long it took."""
    backup, rates = Backup(house), []
    backup.start()
    while backup.is_alive():
        rate = issuing.rate()
        if backup.is_alive() or not rates:
            rates.append(rate)
    backup.join()
    assert backup.made.status == 201, backup.made.text
    return rates, backup.took


def bench_backup():
    folder = tempfile.mkdtemp(prefix="bench-backup-")
    house = House()
    many.make_templates(house)
    house.stop()
    many.fill(house.data, MANY)
    house.start()
    many.wait_filed(house.data)
    issuing = Issuing(house, folder)
    issuing.rate()              # what is made at the first use is made
    alone, beside, times = [], [], []
    for _ in range(BACKUPS):
        alone += [issuing.rate() for _ in range(TURNS)]
        rates, took = during(house, issuing)
        beside += rates
        times.append(took)
        alone += [issuing.rate() for _ in range(TURNS)]
    house.close()
    shutil.rmtree(folder)
    ratio = statistics.median(beside) / statistics.median(alone)
    row("backup of %d certificates while issuing, p50 of %d" % (MANY, BACKUPS), "%.1f s" % statistics.median(times))
    row("  issued meanwhile / without, seconds beside each other", "%d/s of %d/s" % (
        statistics.median(beside), statistics.median(alone)))
    row("  ratio", "%.2f" % ratio, ">= 0.6", ratio >= 0.6)


if __name__ == "__main__":
    bench_backup()
