"""certwright-fetch: all outbound traffic in a process of its own (P34, P41)."""

import os
import socket
import ssl
import struct
import subprocess
import threading
import time
import unittest

import tap
from ca import CA
from house import BUILD
from outside import A, AAAA, TXT, Fetcher, Names, Refused, Server, Web, tls_talk, wait_for


class Outside(unittest.TestCase):
    allow = ("--allow", "127.0.0.0/8")

    @classmethod
    def setUpClass(cls):
        cls.names = Names()
        cls.fetch = Fetcher("--resolver", cls.names.address, *cls.allow)

    @classmethod
    def tearDownClass(cls):
        cls.fetch.close()
        cls.names.shutdown()

    def refuses(self, refusal, ask, *args, **more):
        with self.assertRaises(Refused) as r:
            ask(*args, **more)
        self.assertEqual(r.exception.refusal, refusal, r.exception)
        self.assertTrue(r.exception.hint, r.exception)
        return r.exception.message


class Text(Outside):
    def test_records_are_joined_and_all_told(self):
        self.names.put("_certwright-challenge.a.example", TXT, "one", ["tw", "o"], "")
        self.assertEqual(sorted(self.fetch.txt("_certwright-challenge.a.example")), [b"", b"one", b"two"])

    def test_none_is_an_answer(self):
        self.names.put("there.example", A, "192.0.2.1")
        self.assertEqual(self.fetch.txt("there.example"), [])
        self.assertEqual(self.fetch.txt("nowhere.example"), [])

    def test_nothing_is_remembered(self):
        self.assertEqual(self.fetch.txt("new.example"), [])
        self.names.put("new.example", TXT, "now")
        self.assertEqual(self.fetch.txt("new.example"), [b"now"])

    def test_a_server_that_fails_is_said(self):
        self.names.put("failing.example", None, 2)
        self.assertIn("SERVFAIL", self.refuses("fetch.dns", self.fetch.txt, "failing.example"))

    def test_a_silent_one_takes_no_longer_than_it_may(self):
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        silent.bind(("127.0.0.1", 0))
        fetch = Fetcher("--resolver", "127.0.0.1:%d" % silent.getsockname()[1])
        start = time.monotonic()
        said = self.refuses("fetch.late", fetch.txt, "slow.example", ms=700)
        self.assertLess(time.monotonic() - start, 3)
        self.assertIn("within 0.7 s: looking up slow.example", said)
        fetch.close()
        silent.close()

    def test_what_is_no_name_is_refused(self):
        self.refuses("fetch.dns", self.fetch.txt, "a..b")
        self.refuses("fetch.dns", self.fetch.txt, "x" * 64 + ".example")


class Http(Outside):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = Web()
        cls.at = "http://127.0.0.1:%d" % cls.web.port

    def test_a_file_and_one_that_is_not_there(self):
        self.web.put("/file", b"token\n")
        self.assertEqual(self.fetch.http(self.at + "/file"), (200, b"token\n"))
        self.assertEqual(self.fetch.http(self.at + "/other")[0], 404)
        path, headers = self.web.asked[-1]
        self.assertEqual((path, headers["Host"]), ("/other", self.at[7:]))
        self.assertNotIn("Authorization", headers)

    def test_a_name_is_resolved_once_and_pinned(self):
        self.names.put("web.example", A, "127.0.0.1")
        self.web.put("/n", b"by name")
        before = len(self.names.asked)
        self.assertEqual(self.fetch.http("http://web.example:%d/n" % self.web.port), (200, b"by name"))
        self.assertEqual(self.names.asked[before:], [("web.example", A), ("web.example", AAAA)])
        self.assertEqual(self.web.asked[-1][1]["Host"], "web.example:%d" % self.web.port)

    def test_where_one_address_does_not_answer_the_next_is_asked(self):
        self.web.put("/second", b"here")
        both = ["127.0.0.9", "127.0.0.1"]
        for name, addresses in (("pair.example", both), ("riap.example", both[::-1])):
            self.names.put(name, A, *addresses)
            self.assertEqual(self.fetch.http("http://%s:%d/second" % (name, self.web.port)), (200, b"here"))

    def test_where_one_address_swallows_all_the_next_is_asked(self):
        self.web.put("/second", b"here")
        with socket.create_server(("127.0.0.8", self.web.port), backlog=0) as deaf:
            full = [socket.socket() for _ in range(4)]
            for s in full:
                s.setblocking(False)
                s.connect_ex(deaf.getsockname())
            time.sleep(0.2)
            both = ["127.0.0.8", "127.0.0.1"]
            for name, addresses in (("deaf.example", both), ("faed.example", both[::-1])):
                self.names.put(name, A, *addresses)
                self.assertEqual(self.fetch.http("http://%s:%d/second" % (name, self.web.port), ms=4000), (200, b"here"))
            self.names.put("only.example", A, "127.0.0.8")
            self.refuses("fetch.late", self.fetch.http, "http://only.example:%d/second" % self.web.port, ms=800)
            for s in full:
                s.close()

    def test_64_kib_and_not_a_byte_more(self):
        self.web.put("/full", b"x" * 65536)
        self.web.put("/more", b"x" * 65537)
        self.web.put("/endless", lambda: b"x" * 3000000, **{"Content-Length": "3000000"})
        self.assertEqual(len(self.fetch.http(self.at + "/full")[1]), 65536)
        self.assertIn("64 KiB", self.refuses("fetch.http", self.fetch.http, self.at + "/more"))
        self.refuses("fetch.http", self.fetch.http, self.at + "/endless")

    def test_no_redirect_is_followed(self):
        self.web.put("/secret", b"secret")
        self.web.put("/away", b"", status=302, Location=self.at + "/secret")
        self.assertEqual(self.fetch.http(self.at + "/away"), (302, b""))
        self.assertNotIn("/secret", [p for p, _ in self.web.asked])

    def test_other_protocols_and_odd_urls_are_refused(self):
        for url in ("https://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/",
                    "http://user:pw@127.0.0.1/", "//127.0.0.1/", "x", "http://127.0.0.1:99999/"):
            with self.subTest(url):
                self.refuses("fetch.target", self.fetch.http, url)

    def test_what_is_not_http_is_said(self):
        s = Server(lambda c: c.sendall(b"SSH-2.0-x\r\n"))
        self.refuses("fetch.http", self.fetch.http, "http://127.0.0.1:%d/" % s.port)
        s.close()

    def test_a_server_that_hangs_or_drips_takes_no_longer_than_it_may(self):
        def drip(conn):
            conn.recv(1000)
            conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while True:
                conn.sendall(b"x")
                time.sleep(0.05)

        for talk in (lambda c: time.sleep(5), drip):
            s = Server(talk)
            start = time.monotonic()
            self.refuses("fetch.late", self.fetch.http, "http://127.0.0.1:%d/" % s.port, ms=600)
            self.assertLess(time.monotonic() - start, 3)
            s.close()

    def test_nobody_there(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.refuses("fetch.unreachable", self.fetch.http, "http://127.0.0.1:%d/" % s.getsockname()[1])


class Tls(Outside):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = CA()
        key = cls.ca.new_key("server")
        cls.leaf, cls.key = cls.make(key)

    @classmethod
    def tearDownClass(cls):
        cls.ca.close()
        super().tearDownClass()

    @classmethod
    def make(cls, key):
        path = os.path.join(cls.ca.dir, "self.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", path + ".key", "-out", path, "-days", "9", "-subj", "/CN=self.example"],
                       check=True, capture_output=True)
        with open(path, "rb") as f:
            leaf = ssl.PEM_cert_to_DER_cert(f.read().decode())
        with open(os.path.join(cls.ca.dir, "chain.pem"), "wb") as f:
            for pem in (open(path, "rb").read(), open(cls.ca.path("inter.pem"), "rb").read()
                        if os.path.exists(cls.ca.path("inter.pem")) else b""):
                f.write(pem)
        return leaf, path + ".key"

    def server(self, **more):
        s = Server(tls_talk(os.path.join(self.ca.dir, "chain.pem"), self.key, **more))
        self.addCleanup(s.close)
        return s

    def test_the_chain_is_told_as_presented(self):
        names = []
        got = self.fetch.tls("127.0.0.1", self.server(names=names).port, "self.example")
        self.assertEqual((got["version"], got["address"]), ("TLSv1.3", "127.0.0.1"))
        self.assertEqual(got["certs"][0], self.leaf)
        self.assertEqual(names, ["self.example"])

    def test_tls_1_2_and_no_name(self):
        names = []
        got = self.fetch.tls("127.0.0.1", self.server(names=names, version=ssl.TLSVersion.TLSv1_2).port)
        self.assertEqual((got["version"], names), ("TLSv1.2", [None]))

    def test_starttls_of_smtp(self):
        s = self.server(smtp=b"250-mail.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n")
        self.assertEqual(self.fetch.tls("127.0.0.1", s.port, start=1)["certs"][0], self.leaf)
        s = self.server(smtp=b"250-mail.example\r\n250 SIZE 1000\r\n")
        self.assertIn("does not offer it", self.refuses("fetch.tls", self.fetch.tls, "127.0.0.1", s.port, start=1))
        for greeting in (b"HTTP/1.1 400 no\r\n", b"554 no\r\n", b"x" * 5000, b"220-a\r\n" * 200):
            s = Server(lambda c, g=greeting: (c.sendall(g), c.recv(1)))
            self.refuses("fetch.tls", self.fetch.tls, "127.0.0.1", s.port, start=1)
            s.close()

    def test_what_speaks_no_tls_is_said(self):
        for talk in (lambda c: c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), lambda c: None):
            s = Server(talk)
            self.refuses("fetch.tls", self.fetch.tls, "127.0.0.1", s.port)
            s.close()

    def test_a_silent_one_takes_no_longer_than_it_may(self):
        s = Server(lambda c: time.sleep(5))
        said = self.refuses("fetch.late", self.fetch.tls, "127.0.0.1", s.port, ms=500)
        self.assertIn("speaking TLS with 127.0.0.1 port %d" % s.port, said)
        s.close()

    def test_nobody_there(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.refuses("fetch.unreachable", self.fetch.tls, "127.0.0.1", s.getsockname()[1])
        self.refuses("fetch.dns", self.fetch.tls, "nowhere.example", 443)

    def test_the_next_address_is_tried(self):
        s = self.server()
        self.names.put("two.example", A, "127.0.0.2", "127.0.0.1")
        got = self.fetch.tls("two.example", s.port)
        self.assertEqual((got["address"], got["certs"][0]), ("127.0.0.1", self.leaf))


class Forbidden(Outside):
    """P34: nothing is configured, so what is on this host is not asked."""

    allow = ()

    def test_P34_no_form_of_an_address_gets_through(self):
        web = Web()
        for host in ("127.0.0.1", "127.1", "2130706433", "0177.0.0.1", "0x7f.1", "0x7f000001", "127.0.0.1.", "[::1]",
                     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "0.0.0.0",
                     "0", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fd00::1]", "224.0.0.1",
                     "255.255.255.255", "[::]", "localhost", "%31%32%37.0.0.1", "\uff11\uff12\uff17.0.0.1"):
            with self.subTest(host):
                with self.assertRaises(Refused) as r:
                    self.fetch.http("http://%s:%d/" % (host, web.port))
                self.assertIn(r.exception.refusal, ("fetch.forbidden", "fetch.dns", "fetch.target"))
                if host[0] in "0123456789" and not host.endswith("."):
                    self.assertEqual(r.exception.refusal, "fetch.forbidden")
        self.assertEqual(web.asked, [])

    def test_P34_the_same_of_a_tls_probe(self):
        s = Server(lambda c: None)
        for host in ("127.0.0.1", "127.1", "2130706433", "0177.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1%lo"):
            with self.subTest(host):
                self.refuses("fetch.forbidden", self.fetch.tls, host, s.port)
        self.assertEqual(s.seen, 0)
        s.close()

    def test_P34_a_name_is_judged_by_where_it_leads(self):
        s = Server(lambda c: None)
        for name, kind, address in (("loop.example", A, "127.0.0.1"), ("loop6.example", AAAA, "::1"),
                                    ("private.example", A, "10.1.2.3"), ("meta.example", A, "169.254.169.254"),
                                    ("mapped.example", AAAA, "::ffff:127.0.0.1"),
                                    ("nat64.example", AAAA, "64:ff9b::7f00:1")):
            with self.subTest(name):
                self.names.put(name, kind, address)
                said = self.refuses("fetch.forbidden", self.fetch.tls, name, s.port)
                self.assertIn("%s leads to " % name, said)
                self.assertNotIn(address, said)
        self.assertEqual(s.seen, 0)
        s.close()


class Allowed(Outside):
    """P34: what is configured is allowed, and nothing beside it."""

    allow = ("--allow", "127.0.0.1/32")

    def test_P34_of_two_addresses_the_forbidden_one_is_left_out(self):
        web = Web()
        web.put("/", b"here")
        self.names.put("mixed.example", A, "127.0.0.2", "10.0.0.1", "127.0.0.1")
        self.assertEqual(self.fetch.http("http://mixed.example:%d/" % web.port), (200, b"here"))
        self.refuses("fetch.forbidden", self.fetch.http, "http://127.0.0.2:%d/" % web.port)

    def test_P34_a_name_that_changes_between_two_looks_is_looked_at_once(self):
        web = Web(host="127.0.0.2")

        class Rebinding(Names):
            def finish_request(self, request, client):
                if any(n == ("rebind.example", A) for n in self.asked):
                    self.put("rebind.example", A, "127.0.0.2")
                super().finish_request(request, client)

        names = Rebinding({("rebind.example", A): ["127.0.0.1"]})
        fetch = Fetcher("--resolver", names.address, *self.allow)
        with self.assertRaises(Refused):
            fetch.http("http://rebind.example:%d/" % web.port)
        self.assertEqual(web.asked, [])
        fetch.close()
        names.shutdown()


class Process(Outside):
    def test_a_malformed_job_ends_its_process_and_no_other(self):
        good = b"D" + struct.pack(">I", 1000) + Fetcher.text("a.example")
        for job in (b"x", b"Z" + good[1:], good + b"x", good[:-1], b"D" + struct.pack(">I", 0) + good[5:],
                    b"D" + struct.pack(">I", 20001) + good[5:], b"D" + good[1:5] + Fetcher.text(""),
                    b"D" + good[1:5] + Fetcher.text("a\0b"), b"D" + good[1:5] + Fetcher.text("x" * 256),
                    b"x" * 5000, b"T" + good[1:5] + Fetcher.text("h") + b"\0\0" + Fetcher.text("") + b"\0",
                    b"T" + good[1:5] + Fetcher.text("h") + b"\0\1" + Fetcher.text("") + b"\2"):
            with self.subTest(job[:20]):
                self.assertEqual(self.fetch.ask(job), b"")
        self.assertEqual(self.fetch.txt("a.example"), [])

    def test_a_wrong_byte_at_the_door_ends_it(self):
        fetch = Fetcher()
        fetch.door.send(b"X")
        self.assertEqual(fetch.process.wait(10), 0)
        fetch.close()

    def test_many_at_once_and_the_next_one_waits(self):
        s = Server(lambda c: time.sleep(1))
        done = []

        def ask():
            with self.assertRaises(Refused):
                self.fetch.tls("127.0.0.1", s.port, ms=800)
            done.append(1)

        lock = threading.Lock()
        child = self.fetch.child
        self.fetch.child = lambda: [lock.acquire(), child(), lock.release()][1]
        threads = [threading.Thread(target=ask) for _ in range(20)]
        for t in threads:
            t.start()
        wait_for(lambda: s.seen >= 12)
        time.sleep(0.2)
        self.assertEqual(s.seen, 12)
        for t in threads:
            t.join()
        self.fetch.child = child
        self.assertEqual((len(done), s.seen), (20, 20))
        s.close()

    def test_P41_it_is_behind_its_filter(self):
        self.assertEqual(self.fetch.txt("a.example"), [])
        with open("/proc/%d/status" % self.fetch.process.pid) as f:
            status = f.read()
        self.assertIn("Seccomp:\t2", status)
        self.assertIn("NoNewPrivs:\t1", status)
        with self.fetch.child():
            path = "/proc/%d/task/%d/children" % (self.fetch.process.pid, self.fetch.process.pid)

            def kids():
                with open(path) as f:
                    return f.read().split()

            self.assertTrue(wait_for(lambda: len(kids()) == 1))
            with open("/proc/%s/status" % kids()[0]) as f:
                self.assertIn("Seccomp:\t2", f.read())

    def test_wrong_options_do_not_start(self):
        for options in ([], ["--front"], ["--front", "x"], ["--front", "0", "--allow", "10.0.0.1/8"],
                        ["--front", "0", "--resolver", "name"], ["--front", "0", "--other", "1"]):
            r = subprocess.run([os.path.join(BUILD, "certwright-fetch")] + options, capture_output=True)
            self.assertEqual(r.returncode, 2, options)
        r = subprocess.run([os.path.join(BUILD, "certwright-fetch"), "--version"], capture_output=True)
        self.assertEqual(r.returncode, 0)


if __name__ == "__main__":
    tap.main()
