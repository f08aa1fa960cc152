"""The built-in CA, measured: issuing beside cfssl, OCSP, and a million certificates."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from bench_many import bench_many
from bench_wrk import wrk
from ca import openssl
from house import House, free_port
from table import QUICK, cpu, row


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


def ocsp_requests(house, folder, csr, name):
    """Where to ask about a new certificate of this authority; files: with and without a nonce."""
    made = house.api("POST", "/authorities/%s/requests" % name, {"csr": csr}).json
    leaf, issuer, plain, nonce = (os.path.join(folder, n) for n in ("leaf.pem", "issuer.pem", "plain.der", "nonce.der"))
    for path, text in ((leaf, made["chain"][0]), (issuer, made["chain"][1])):
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
    openssl("ocsp", "-issuer", issuer, "-cert", leaf, "-no_nonce", "-reqout", plain)
    openssl("ocsp", "-issuer", issuer, "-cert", leaf, "-reqout", nonce)
    return openssl("x509", "-in", leaf, "-noout", "-ocsp_uri").decode().strip(), plain, nonce


def bench_ocsp(house, folder, csr):
    url, plain, nonce = ocsp_requests(house, folder, csr, "house")
    wrk(url, plain, "application/ocsp-request", 200)
    before = cpu(house.process.pid)
    done, rate, _ = wrk(url, plain, "application/ocsp-request")
    row("OCSP answers given again", "%d/s" % rate, ">= 15,000/s", rate >= 15000)
    row("  per CPU second", "%d" % (done / (cpu(house.process.pid) - before)))
    house.api("POST", "/cas", {"name": "rsa", "type": "rsa:2048"})
    for name, key, what, target in (("house", "P-256", "ecdsap256", 0.2), ("rsa", "RSA-2048", "rsa2048", 0.6)):
        url, plain, nonce = ocsp_requests(house, folder, csr, name)
        pool_full(house)
        wrk(url, nonce, "application/ocsp-request", 200)
        before = cpu(house.process.pid)
        done, rate, _ = wrk(url, nonce, "application/ocsp-request")
        per_cpu = done / (cpu(house.process.pid) - before)
        share = per_cpu / speed(what)[0]
        row("OCSP signed afresh (nonce), %s, per CPU second" % key, "%d" % per_cpu)
        row("  of the sign limit", "%.2f" % share, ">= %.1f" % target, share >= target)


def bench_authority():
    folder = tempfile.mkdtemp(prefix="bench-ca-")
    plain = free_port()
    house = House(options=["--http-listen", "127.0.0.1:%d" % plain])
    house.api("POST", "/cas", {"name": "house"})
    token = house.api("POST", "/tokens", {}).json["token"]
    csr = bench_issue(house, folder, token)
    bench_ocsp(house, folder, csr)
    house.close()
    bench_many()
    shutil.rmtree(folder)


if __name__ == "__main__":
    bench_authority()
    sys.exit(0)
