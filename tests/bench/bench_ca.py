"""The built-in CA, measured: issuing beside cfssl, OCSP, and a million certificates."""

import json
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from ca import openssl
from house import TOP, House, free_port
from table import QUICK, cpu, row, rss

SECONDS = 2 if QUICK else 5
MANY = 50000 if QUICK else 1000000
POST = os.path.join(TOP, "tests", "bench", "post.lua")


def wrk(url, body, kind, status, token=None, connections=64):
    env = dict(os.environ, BENCH_BODY=body, BENCH_TYPE=kind, BENCH_STATUS=str(status))
    if token:
        env["BENCH_TOKEN"] = token
    out = subprocess.run(["wrk", "-t1", "-c%d" % connections, "-d%ds" % SECONDS, "--latency", "-s", POST, url],
                         capture_output=True, text=True, check=True, env=env)
    if out.stderr.strip():
        raise RuntimeError("wrk: " + out.stderr)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out.stdout).group(1))
    done = int(re.search(r"(\d+) requests in", out.stdout).group(1))
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", out.stdout)
    return done, rate, float(p99.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[p99.group(2)]


def speed(what):
    out = subprocess.run(["openssl", "speed", "-seconds", "1" if QUICK else "3", what],
                         capture_output=True, text=True, check=True).stdout.strip().split("\n")[-1].split()
    return float(out[-2]), float(out[-1])


class Cfssl:
    """Debian's golang-cfssl, plain HTTP; it stores nothing."""

    def __init__(self, folder):
        self.port = free_port()
        names = {n: os.path.join(folder, n) for n in ("cr.json", "ca.pem", "ca-key.pem", "cfg.json")}
        with open(names["cr.json"], "w", encoding="ascii") as f:
            json.dump({"CN": "CA", "key": {"algo": "ecdsa", "size": 256}}, f)
        made = json.loads(subprocess.run(["cfssl", "gencert", "-initca", names["cr.json"]], capture_output=True,
                                         text=True, check=True).stdout)
        for name, text in (("ca.pem", made["cert"]), ("ca-key.pem", made["key"]), ("cfg.json", json.dumps(
                {"signing": {"default": {"usages": ["digital signature", "server auth"], "expiry": "2160h"}}}))):
            with open(names[name], "w", encoding="ascii") as f:
                f.write(text)
        self.process = subprocess.Popen(
            ["cfssl", "serve", "-address", "127.0.0.1", "-port", str(self.port), "-ca", names["ca.pem"], "-ca-key",
             names["ca-key.pem"], "-config", names["cfg.json"], "-loglevel", "5"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        time.sleep(1)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def pool_full(house):
    while any(p["have"] < p["want"] for p in house.api("GET", "/status").json["keeper"]["pool"]):
        time.sleep(0.5)


def bench_issue(house, folder, token):
    key = os.path.join(folder, "key.pem")
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    csr = openssl("req", "-new", "-key", key, "-subj", "/C=US/ST=New Jersey/L=Hackensack/O=Example/OU=Conf"
                  "/CN=portal.example.com", "-addext",
                  "subjectAltName=DNS:portal.example.com,DNS:www.portal.example.com").decode()
    ours, theirs = os.path.join(folder, "ours.json"), os.path.join(folder, "theirs.json")
    for path, body in ((ours, {"csr": csr}), (theirs, {"certificate_request": csr})):
        with open(path, "w", encoding="ascii") as f:
            json.dump(body, f)
    cfssl = Cfssl(folder)
    pool_full(house)
    url = "https://127.0.0.1:%d/api/v1/authorities/house/requests" % house.port
    rates, others, latencies, issued, seconds = [], [], [], 0, 0.0
    for _ in range(1 if QUICK else 3):
        before = cpu(house.process.pid)
        done, rate, p99 = wrk(url, ours, "application/json", 201, token)
        seconds += cpu(house.process.pid) - before
        issued += done
        rates.append(rate)
        latencies.append(p99)
        others.append(wrk("http://127.0.0.1:%d/api/v1/cfssl/sign" % cfssl.port, theirs, "application/json", 200)[1])
    cfssl.stop()
    mine, other = statistics.median(rates), statistics.median(others)
    row("issue P-256 over HTTPS, 64 clients, durable, audited", "%d/s" % mine)
    row("  cfssl serve, plain HTTP, stores nothing", "%d/s" % other)
    row("  ratio", "%.2f" % (mine / other), ">= 1.5", mine >= 1.5 * other)
    row("  p99", "%.1f ms" % statistics.median(latencies), "< 25 ms", statistics.median(latencies) < 25)
    sign, verify = speed("ecdsap256")
    share = issued / (seconds / (1 / sign + 2 / verify))
    row("  of the crypto limit (1 sign, 2 verify)", "%.2f" % share, ">= 0.45", share >= 0.45)
    return csr


def bench_ocsp(house, folder, csr):
    made = house.api("POST", "/authorities/house/requests", {"csr": csr}).json
    files = {n: os.path.join(folder, n) for n in ("leaf.pem", "issuer.pem", "plain.der")}
    for name, text in (("leaf.pem", made["chain"][0]), ("issuer.pem", made["chain"][1])):
        with open(files[name], "w", encoding="ascii") as f:
            f.write(text)
    text = openssl("x509", "-in", files["leaf.pem"], "-noout", "-ocsp_uri").decode().strip()
    openssl("ocsp", "-issuer", files["issuer.pem"], "-cert", files["leaf.pem"], "-no_nonce", "-reqout", files["plain.der"])
    wrk(text, files["plain.der"], "application/ocsp-request", 200)
    done, rate, _ = wrk(text, files["plain.der"], "application/ocsp-request", 200)
    row("OCSP answers given again", "%d/s" % rate, ">= 15,000/s", rate >= 15000)
    nonce = os.path.join(folder, "nonce.der")
    openssl("ocsp", "-issuer", files["issuer.pem"], "-cert", files["leaf.pem"], "-reqout", nonce)
    before = cpu(house.process.pid)
    done, rate, _ = wrk(text, nonce, "application/ocsp-request", 200)
    share = done / (cpu(house.process.pid) - before) / speed("ecdsap256")[0]
    row("OCSP signed afresh (nonce), P-256, per CPU second", "%d/s" % rate)
    row("  of the sign limit", "%.2f" % share, ">= 0.2", share >= 0.2)


def fill(data, many):
    """As many revoked certificates, put into the tables while nobody looks."""
    db = sqlite3.connect(os.path.join(data, "certwright.db"))
    tenant, ca, der = db.execute("SELECT tenant_id, ca_id, der FROM issued WHERE profile = 'server'").fetchone()
    end = int(time.time()) + 300 * 86400
    now = int(time.time())

    def made():
        for i in range(many):
            name = "host%07d.example.com" % i
            yield (tenant, "0%025d" % i, ca, "7f%030x" % (i * 2654435761 % 2**64), "revoked", "server", der,
                   os.urandom(32), os.urandom(32), "CN=" + name, name, name, now, end, now, i % 2, now)
    db.executemany("INSERT INTO issued (tenant_id, id, ca_id, serial, state, profile, der, sha256, spki_sha256, subject,"
                   " name, names, not_before, not_after, revoked_at, reason, created_at)"
                   " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", made())
    db.commit()
    size = db.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()[0]
    db.close()
    return ca, size


def timed(work):
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def fetch(url):
    with urllib.request.urlopen(url, timeout=120) as r:
        return r.read()


def bench_many(house, plain):
    made = house.api("GET", "/issued?limit=1000").json["issued"]
    victims = [i["serial"] for i in made if i["profile"] == "server" and i["state"] == "issued"][:20]
    house.stop()
    ca, size = fill(house.data, MANY)
    row("database, bytes a certificate (of %d)" % MANY, "%d" % (size / MANY))
    begin = time.perf_counter()
    house.start()
    took = time.perf_counter() - begin
    row("start with %d certificates" % MANY, "%.2f s" % took, "< 2 s", took < 2)
    url = "http://127.0.0.1:%d/crl/%s.crl" % (plain, ca)
    crl = []
    first = timed(lambda: crl.append(fetch(url)))
    row("CRL of %d entries, made and fetched (%.0f MB)" % (MANY, len(crl[0]) / 1e6), "%.2f s" % (first / 1000),
        "< 2 s", first < 2000)
    times = [timed(lambda s=s: house.api("POST", "/issued/revoke", {"serial": s})) for s in victims]
    row("revoke one of them, p50", "%.2f ms" % statistics.median(times), "< 2 ms", statistics.median(times) < 2)
    times = sorted(timed(lambda i=i: house.api("GET", "/issued?limit=20&text=host%07d" % (i * 7919 % MANY)))
                   for i in range(100))
    row("search among them, p99", "%.0f ms" % times[98], "< 50 ms", times[98] < 50)
    row("front, resident", "%.0f MiB" % rss(house.process.pid), "< 200 MiB", rss(house.process.pid) < 200)


def bench_authority():
    folder = tempfile.mkdtemp(prefix="bench-ca-")
    plain = free_port()
    house = House(options=["--http-listen", "127.0.0.1:%d" % plain])
    house.api("POST", "/cas", {"name": "house"})
    token = house.api("POST", "/tokens", {}).json["token"]
    csr = bench_issue(house, folder, token)
    bench_ocsp(house, folder, csr)
    bench_many(house, plain)
    house.close()
    shutil.rmtree(folder)


if __name__ == "__main__":
    bench_authority()
    sys.exit(0)
