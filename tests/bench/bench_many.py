"""A million certificates: found, counted, revoked, told of."""

import http.client
import os
import random
import sqlite3
import ssl
import statistics
import time
import urllib.request
from urllib.parse import quote

import many
from house import Browser, House, free_port
from table import QUICK, row, rss

MANY = 50000 if QUICK else 1000000
REVOKED = 20    # one by one


def timed(work):
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def p99(times):
    return sorted(times)[min(len(times) - 1, len(times) * 99 // 100)]


def typed(word, most=99):
    """As somebody types it."""
    return [word[:i] for i in range(1, min(len(word), most) + 1)]


def texts(house):
    """Names, serial numbers and fingerprints, typed letter by letter; parts of names; what is not there."""
    rng = random.Random(7)
    some = house.api("GET", "/issued?limit=1000").json["issued"]
    found = ["com.example", "example.com", "hackensack", "eu-west", "nosuchname", "zz", "q", "shop.example"]
    for _ in range(2 if QUICK else 5):
        i, one = rng.randrange(MANY), rng.choice(some)
        found += typed("host%07d.example.com" % i) + typed("%07d.corp" % i)
        found += typed(one["serial"], 12) + [one["serial"]] + typed(one["sha256"], 12) + [one["sha256"]]
    return found


class Reader:
    """Somebody signed in, over one connection."""

    def __init__(self, house):
        house.admin()
        browser = Browser(house)
        browser.sign_in()
        self.cookie = "; ".join("%s=%s" % kv for kv in browser.cookies.items())
        self.connection = http.client.HTTPSConnection("127.0.0.1", house.port, timeout=60,
                                                      context=ssl._create_unverified_context())

    def get(self, path):
        self.connection.request("GET", path, headers={"Cookie": self.cookie})
        r = self.connection.getresponse()
        r.read()
        assert r.status == 200, (path, r.status)


def bench_search(house):
    all_texts = texts(house)
    reader = Reader(house)

    def ask(text, state=""):
        a = house.api("GET", "/issued?limit=20&text=%s%s" % (quote(text), state))
        assert a.status == 200, a.text

    def page(query):
        reader.get("/certificates" + query)
    times = [timed(lambda t=t: ask(t)) for t in all_texts]
    row("search as you type, p50 of %d" % len(times), "%.1f ms" % statistics.median(times))
    row("  p99", "%.1f ms" % p99(times), "< 50 ms", p99(times) < 50)
    times = [timed(lambda t=t: ask(t, "&state=soon")) for t in all_texts]
    row("  in one state, p99", "%.1f ms" % p99(times), "< 50 ms", p99(times) < 50)
    queries = ["", "?state=revoked", "?state=held", "?state=soon", "?state=ended"] * 4
    times = [timed(lambda q=q: page(q)) for q in queries]
    row("page with chips and picture of expiry, p99", "%.1f ms" % p99(times), "< 50 ms",
        p99(times) < 50)
    times = [timed(lambda t=t: page("?text=" + quote(t))) for t in all_texts]
    row("  of a text, p99", "%.1f ms" % p99(times), "< 50 ms", p99(times) < 50)


def victims(house):
    return [i["serial"] for i in house.api("GET", "/issued?state=valid&limit=%d" % (2 * REVOKED)).json["issued"]]


def revoke(house, serial):
    a = house.api("POST", "/issued/revoke", {"serial": serial, "reason": "superseded"})
    assert a.status == 200, a.text


def fetch(url):
    with urllib.request.urlopen(url, timeout=120) as r:
        return r.read()


def bench_lists(house, url, serials):
    lists = []
    took = timed(lambda: lists.append(fetch(url))) / 1000
    row("CRL of %d entries, made and fetched (%.0f MB)" % (MANY, len(lists[0]) / 1e6), "%.2f s" % took, "< 2 s", took < 2)
    fetch(url.replace(".crl", ".delta.crl"))
    times = []
    for s in serials[:5]:
        revoke(house, s)
        times.append(timed(lambda: lists.append(fetch(url.replace(".crl", ".delta.crl")))))
    row("delta CRL after a revocation, made and fetched, p50 (%d bytes)" % len(lists[-1]), "%.1f ms" % statistics.median(times))


def start(house):
    begin = time.perf_counter()
    house.start()
    took = time.perf_counter() - begin
    row("start with %d certificates" % MANY, "%.2f s" % took, "< 2 s", took < 2)


def peak(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        return int(next(line for line in f if line.startswith("VmHWM")).split()[1]) / 1024


def bench_many():
    plain = free_port()
    house = House(options=["--http-listen", "127.0.0.1:%d" % plain])
    many.make_templates(house)
    house.stop()
    size = many.fill(house.data, MANY)
    house.start()
    took = many.wait_filed(house.data)
    house.stop()
    filed = many.size_of(house.data) / MANY
    row("database, bytes a certificate (of %d)" % MANY, "%.0f" % filed)
    row("  without what finds them", "%.0f" % size)
    row("filed after they were put there, a second", "%.0f" % (MANY / max(took, 0.1)))
    start(house)
    bench_search(house)
    serials = victims(house)
    times = [timed(lambda s=s: revoke(house, s)) for s in serials[:REVOKED]]
    row("revoke one of them, p50", "%.2f ms" % statistics.median(times), "< 2 ms", statistics.median(times) < 2)
    row("front, resident", "%.0f MiB" % rss(house.process.pid), "< 200 MiB", rss(house.process.pid) < 200)
    house.stop()
    many.revoke_all(house.data)
    house.start()
    house.api("POST", "/cas/house/lists", {"deltas": "on"})
    csr = many.a_csr(house, "victim")
    made = [house.api("POST", "/authorities/house/requests", {"csr": csr}).json for _ in range(5)]
    with sqlite3.connect(os.path.join(house.data, "certwright.db")) as db:
        ca = db.execute("SELECT ca_id FROM issued WHERE profile = 'server'").fetchone()[0]
    bench_lists(house, "http://127.0.0.1:%d/crl/%s.crl" % (plain, ca), [m["serial"] for m in made])
    row("front, resident with that list (at most)", "%.0f MiB (%.0f)" % (rss(house.process.pid), peak(house.process.pid)),
        "< 200 MiB", rss(house.process.pid) < 200)
    house.close()
