"""The table of docs/performance.md, measured side by side in one run.

"Per CPU second" is user + system time of all server processes; the client is
not counted. Full handshake: no tickets, no session cache.
"""

import gzip
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from bench_backup import bench_backup
from bench_ca import bench_authority
from bench_tenants import bench_tenants
from ca import CA
from house import BUILD, TOP, House, free_port
from table import QUICK, cpu, row, rows, rss

ALONE = "--alone" in sys.argv
SECONDS = 2 if QUICK else 8
BENCH = os.path.join(BUILD, "tests", "bench")
PASSPHRASE = "only for this run"


def per_cpu(pid, work):
    """work() returns how much was done."""
    before = cpu(pid)
    done = work()
    return done / max(cpu(pid) - before, 0.01)


def handshakes(port, seconds=SECONDS, clients=8):
    out = subprocess.run([os.path.join(BENCH, "handshakes"), str(port), str(seconds), str(clients)],
                         capture_output=True, text=True, check=True).stdout.split()
    n, failed, p50, p99 = map(int, out)
    return n, failed, p50, p99


def wrk(url, *args, seconds=SECONDS, connections=8, env=None):
    out = subprocess.run(["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "--latency", *args, url],
                         capture_output=True, text=True, check=True, env=dict(os.environ, **(env or {})))
    done = int(re.search(r"(\d+) requests in", out.stdout).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out.stdout).group(1))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out.stdout)
    if bad or out.stderr.strip():
        raise RuntimeError("wrk: " + out.stdout + out.stderr)
    return done, rate


class Nginx:
    """The same certificate and file, one worker a core."""

    def __init__(self, chain, key, static):
        self.dir = tempfile.mkdtemp(prefix="bench-nginx-")
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        for name, data in (("chain.pem", chain), ("key.pem", key), ("file.css", static)):
            with open(os.path.join(self.dir, name), "wb") as f:
                f.write(data)
        with open(os.path.join(self.dir, "nginx.conf"), "w") as f:
            f.write("""worker_processes %d; pid %s/pid; error_log stderr; daemon off;
events { worker_connections 1024; }
http { access_log off; types { text/css css; } client_body_temp_path %s; proxy_temp_path %s;
fastcgi_temp_path %s; uwsgi_temp_path %s; scgi_temp_path %s; keepalive_requests 100000000;
server { listen 127.0.0.1:%d ssl; ssl_certificate chain.pem; ssl_certificate_key key.pem;
ssl_session_tickets off; ssl_session_cache off; ssl_protocols TLSv1.2 TLSv1.3; root %s; } }
""" % (os.cpu_count(), self.dir, *[self.dir] * 5, self.port, self.dir))
        self.process = subprocess.Popen(
            ["nginx", "-p", self.dir, "-c", "nginx.conf", "-g", "user root;"],
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        time.sleep(0.5)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.dir)


def make_house(key_type, ca):
    """A house that serves a certificate of `ca` under an exportable key."""
    house = House()
    made = house.api("POST", "/identities/portal/keys", {"type": key_type, "exportable": True})
    assert made.status in (200, 201), made.text
    csr = house.regenerate().json["pem"]
    leaf = ca.sign(csr, names=["DNS:portal.example.com"])
    installed = house.install(leaf + ca.inter)
    assert installed.status in (200, 201), installed.text
    pem = house.api("POST", "/keys/%s/export" % made.json["id"], {"passphrase": PASSPHRASE}).json["pem"]
    key = subprocess.run(["openssl", "pkey", "-passin", "pass:" + PASSPHRASE], input=pem.encode(),
                         capture_output=True, check=True).stdout
    return house, leaf + ca.inter, key


class InProcess:
    """The same front with its key in process: bench only, never installed."""

    def __init__(self, chain, key):
        self.dir = tempfile.mkdtemp(prefix="bench-inprocess-")
        os.chmod(self.dir, 0o755)
        for name, data in (("chain.pem", chain), ("key.pem", key)):
            with open(os.path.join(self.dir, name), "wb") as f:
                f.write(data)
        self.port = free_port()
        self.process = subprocess.Popen(
            [os.path.join(BENCH, "inprocess"), "127.0.0.1:%d" % self.port, "chain.pem", "key.pem", TOP],
            cwd=self.dir, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        if b"listening" not in self.process.stdout.readline():
            raise RuntimeError("inprocess ended")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def bench_handshakes(key_type, label):
    ca = CA()
    house, chain, key = make_house(key_type, ca)
    wait_for_pool(house)
    inside = InProcess(chain, key)
    with open(os.path.join(TOP, "static", "portal.css"), "rb") as f:
        nginx = Nginx(chain, key, f.read()[:2560])
    sides = {"keeper": (house.process.pid, house.port),
             "in process": (inside.process.pid, inside.port),
             "nginx": (nginx.process.pid, nginx.port)}
    rates = {s: [] for s in sides}
    latency = {}
    # many short turns: what else runs here then hits all sides alike
    for _ in range(5 if QUICK else 15):
        for side, (pid, port) in sides.items():
            before = cpu(pid)
            n, failed, _, _ = handshakes(port, seconds=1 if QUICK else 2)
            assert failed == 0, "%d handshakes failed at %s" % (failed, side)
            rates[side].append(n / (cpu(pid) - before))
    for side, (pid, port) in sides.items():
        latency[side] = handshakes(port, clients=1)[2:]
    rate = {s: statistics.median(r) for s, r in rates.items()}

    def ratio(side):
        return statistics.median(a / b for a, b in zip(rates["keeper"], rates[side]))

    row("%s: TLS 1.3 full handshakes per CPU second, keeper" % label, "%.0f" % rate["keeper"])
    row("%s: the same with the key in process" % label, "%.0f" % rate["in process"])
    row("%s: keeper / in process" % label, "%.2f" % ratio("in process"), ">= 0.90", ratio("in process") >= 0.90)
    row("%s: latency added, p50 / p99" % label, "%+d / %+d us" % (
        latency["keeper"][0] - latency["in process"][0], latency["keeper"][1] - latency["in process"][1]))
    row("%s: keeper / nginx (%.0f)" % (label, rate["nginx"]), "%.2f" % ratio("nginx"), ">= 0.8",
        ratio("nginx") >= 0.8)
    inside.stop()
    return ca, house, nginx


def wait_for_pool(house):
    started = time.monotonic()
    while time.monotonic() - started < 180:
        pool = house.api("GET", "/status").json["keeper"]["pool"]
        if all(p["have"] >= p["want"] for p in pool):
            break
        time.sleep(0.2)
    return time.monotonic() - started


def bench_static(nginx):
    """2.5 KiB of the style sheet, here and there; the sign-in page beside it."""
    size = 2560
    share = tempfile.mkdtemp(prefix="bench-share-")
    os.chmod(share, 0o755)
    for folder in ("templates", "static", "share"):
        shutil.copytree(os.path.join(TOP, folder), os.path.join(share, folder))
    with open(os.path.join(share, "static", "portal.css"), "rb") as f:
        piece = f.read(size)
    for path in (os.path.join(share, "static", "bench.css"), os.path.join(nginx.dir, "file.css")):
        with open(path, "wb") as f:
            f.write(piece)
    house = House(options=["--share-dir", share])
    assert house.request("GET", "/static/bench.css").body == piece
    wait_for_pool(house)
    ours, theirs, signin = [], [], []
    for _ in range(1 if QUICK else 3):
        ours.append(per_cpu(house.process.pid, lambda: wrk(house.url + "/static/bench.css")[0]))
        theirs.append(per_cpu(nginx.process.pid,
                              lambda: wrk("https://127.0.0.1:%d/file.css" % nginx.port)[0]))
        signin.append(per_cpu(house.process.pid, lambda: wrk(house.url + "/super")[0]))
    house.close()
    shutil.rmtree(share)
    ours, theirs, signin = map(statistics.median, (ours, theirs, signin))
    row("static file of %d bytes, keep-alive, requests per CPU second" % size, "%.0f" % ours)
    row("the same at nginx", "%.0f" % theirs)
    row("ours / nginx", "%.2f" % (ours / theirs), ">= 0.5", ours / theirs >= 0.5)
    row("sign-in page, requests per CPU second", "%.0f" % signin)


def bench_regenerate(house):
    house.api("POST", "/identities", {"name": "bench"})
    house.api("POST", "/identities/bench/keys", {"type": "ec:P-256"})
    token = house.api("POST", "/tokens", {}).json["token"]
    ceiling, rates, busy = [], [], []
    for _ in range(1 if QUICK else 3):
        folder = tempfile.mkdtemp(prefix="bench-sqlite-", dir=os.path.dirname(house.data))
        out = subprocess.run([os.path.join(BENCH, "sqlite_ceiling"), folder + "/ceiling.db", str(SECONDS),
                              os.path.join(TOP, "sql/0001_base.sql")],
                             capture_output=True, text=True, check=True).stdout
        ceiling.append(float(re.search(r"([\d.]+)\s*$", out.strip()).group(1)))
        shutil.rmtree(folder)
        before = cpu(house.process.pid)
        done, rate = wrk(house.url, "-s", os.path.join(TOP, "tests/bench/regenerate.lua"), connections=64,
                         env={"CERTWRIGHT_BENCH_TOKEN": token})
        rates.append(rate)
        busy.append((cpu(house.process.pid) - before) / done)
    rate, top = statistics.median(rates), statistics.median(ceiling)
    row("Regenerate CSR over the API, 64 clients, a second", "%.0f" % rate, ">= 4000", rate >= 4000)
    row("CPU time of one, front and keeper", "%.0f us" % (statistics.median(busy) * 1e6))
    row("bare SQLite ceiling (same rows, groups of 64), a second", "%.0f" % top)
    row("Regenerate CSR / ceiling", "%.2f" % (rate / top), ">= 0.4", rate / top >= 0.4)


def bench_pool():
    with House() as house:
        refill = wait_for_pool(house)
        pool = {p["type"]: p["want"] for p in house.api("GET", "/status").json["keeper"]["pool"]}
        house.api("POST", "/identities", {"name": "pool"})
        times, refills = [], []
        for _ in range(5):
            for _ in range(pool["rsa:4096"]):
                start = time.monotonic()
                a = house.api("POST", "/identities/pool/keys", {"type": "rsa:4096"})
                times.append((time.monotonic() - start) * 1000)
                assert a.status in (200, 201), a.text
            refills.append(wait_for_pool(house))
            if QUICK:
                break
        p50 = statistics.median(times)
        row("RSA-4096 Regenerate private key from the pool, p50", "%.1f ms" % p50, "< 20 ms", p50 < 20)
        row("pool: depth RSA 2048 / 3072 / 4096",
            "/".join(str(pool[t]) for t in ("rsa:2048", "rsa:3072", "rsa:4096")))
        row("pool: first fill; refill of RSA-4096, p50", "%.0f s; %.0f s" % (
            refill, statistics.median(refills)))


def bench_start():
    with House() as house:
        wait_for_pool(house)
        times = []
        for _ in range(5):
            house.stop()
            start = time.monotonic()
            house.start()
            times.append((time.monotonic() - start) * 1000)
        p50 = statistics.median(times)
        row("start to listening, p50 of 5", "%.0f ms" % p50, "< 300 ms", p50 < 300)
        wait_for_pool(house)
        time.sleep(1)
        front, keeper = rss(house.process.pid), rss(house.keeper_pid())
        row("idle memory of the front (RSS)", "%.1f MiB" % front, "< 40 MiB", front < 40)
        row("idle memory of the keeper (RSS)", "%.1f MiB" % keeper, "< 12 MiB", keeper < 12)


def bench_swaps(ca, house):
    """Certificate swaps under handshake load: none fails, none is mixed."""
    count = 100 if QUICK else 1000
    csr = house.api("GET", "/identities/portal/request").json["pem"]
    client = subprocess.Popen([os.path.join(BENCH, "swapwatch"), str(house.port), "4"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    house.install(ca.sign(csr, names=["DNS:portal.example.com"]) + ca.inter)
    for _ in range(count):
        a = house.api("POST", "/identities/portal/rollback", {"reason": "bench"})
        assert a.status == 200, a.text
    out, _ = client.communicate("stop\n")
    done, failed, mixed, seen = map(int, out.split())
    row("%d swaps under load: handshakes / failed / mixed pairs / leaves seen" % count,
        "%d / %d / %d / %d" % (done, failed, mixed, seen), "0 / 0",
        failed == 0 and mixed == 0 and seen >= 2)


def bench_weight(house):
    from house import Browser
    house.admin()
    b = Browser(house)
    b.sign_in()
    page = b.get("/components")
    paths = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page.text))
    size = len(gzip.compress(page.body, 6)) + sum(len(gzip.compress(b.get(p).body, 6)) for p in paths)
    # what a browser fetches, or sends to, by itself; an <a href> waits for a person
    links = re.compile(r'(?:(?:src|action)="|<link[^>]*href="|url\(["\']?)((?:https?:)?//[^")]+)')
    hosts = [u for text in [page.text] + [b.get(p).text for p in paths] for u in links.findall(text)
             if not u.startswith(house.url)]
    row("first visit to Components, each through gzip -6", "%.1f KiB" % (size / 1024), "< 60 KiB", size < 60 * 1024)
    row("other hosts asked on it, by page and style", len(hosts), "0", not hosts)


def main():
    if ALONE:
        if os.geteuid() != 0:
            sys.exit("bench: --alone needs root")
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*: (.*)", f.read())
    with open("/etc/os-release") as f:
        system = re.search(r'PRETTY_NAME="?([^"\n]*)', f.read()).group(1)
    libraries = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout
    print("%s, %d x %s, load %.1f\n%s, Linux %s, %s" % (
        time.strftime("%Y-%m-%d", time.gmtime()), os.cpu_count(),
        model.group(1) if model else os.uname().machine, os.getloadavg()[0],
        system, os.uname().release, libraries.split("(")[0].strip()))
    ca, house, nginx = bench_handshakes("rsa:2048", "RSA-2048")
    nginx.stop()
    house.close()
    ca.close()
    ca, house, nginx = bench_handshakes("ec:P-256", "ECDSA P-256")
    bench_static(nginx)
    nginx.stop()
    bench_regenerate(house)
    bench_swaps(ca, house)
    bench_weight(house)
    house.close()
    bench_pool()
    bench_start()
    bench_authority()
    bench_backup()
    bench_tenants()
    missed = sum(r[3] == "MISSED" for r in rows)
    print("%d figures, %d missed" % (len(rows), missed))


if __name__ == "__main__":
    main()
