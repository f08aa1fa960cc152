"""What a CA sent: crossed and circling chains, answers that miss or break a
wish, a request that is chosen, keys without a request; and the swap itself,
on every listener and under open connections."""

import base64
import concurrent.futures
import http.client
import re
import socket
import ssl
import subprocess
import threading

import tap
from ca import CA, openssl
from case import Case
from house import Browser, House, free_port

NAMES = ["portal.example.com", "www.portal.example.com"]
CA_EXT = b"basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"


def items(answer):
    return {d["item"]: d for d in answer.json["dispositions"]}


class Base(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = CA()
        cls.addClassCleanup(cls.ca.close)

    def fresh(self, name, key="ec:P-256"):
        return self.identity(name, key)

    def csr(self, name, **fields):
        a = self.house.regenerate(name, **fields)
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def certified(self, subject, key, issuer=None, issuer_key=None, ext=CA_EXT, days=("-days", "365")):
        """A certificate for a key file, self-signed without an issuer."""
        csr = openssl("req", "-new", "-key", key, "-subj", "/O=Example/CN=" + subject)
        args = ["x509", "-req", *days, "-set_serial", "0x" + base64.b16encode(
            subject.encode()).decode() + "%02x" % (issuer is not None),
            "-extfile", self.ca.write("certified.ext", ext)]
        args += ["-CA", self.ca.write("issuer.pem", issuer), "-CAkey", issuer_key] if issuer else [
            "-signkey", key]
        return openssl(*args, stdin=csr)

    def leaf(self, csr, issuer, issuer_key, ext=b"extendedKeyUsage=serverAuth\n", days=("-days", "30")):
        return openssl("x509", "-req", *days, "-CA", self.ca.write("issuer.pem", issuer), "-CAkey",
                       issuer_key, "-set_serial", "99", "-copy_extensions", "copy", "-extfile",
                       self.ca.write("leaf.ext", ext), stdin=csr.encode())

    def active(self, name):
        return self.house.api("GET", "/identities/%s/certificate" % name).json

    def chain(self, answer):
        return [self.ca.der(p.encode()) for p in answer.json["chain"]]


class Chains(Base):
    def test_cross_signed_alternatives_are_kept_apart(self):
        ca, name = self.ca, self.fresh("crossed")
        old_key = ca.new_key("old.key")
        old = self.certified("Old Root", old_key)
        crossed = self.certified("Example Root R1", ca.root_key, old, old_key)
        leaf = ca.sign(self.csr(name)["pem"])
        a = self.house.check(crossed, leaf, old, ca.inter, ca.root, identity=name)
        self.assertEqual(a.status, 200, a.text)
        self.assertEqual(self.chain(a), [ca.der(leaf), ca.der(ca.inter)], "the shorter one")
        self.assertRegex(" ".join(a.json["notes"]), "another path")
        known = self.house.api("POST", "/trust", {"content": base64.b64encode(old).decode()})
        self.assertEqual(known.status, 201, known.text)
        a = self.house.check(crossed, leaf, ca.inter, ca.root, identity=name)
        self.assertEqual(self.chain(a), [ca.der(leaf), ca.der(ca.inter), ca.der(crossed)],
                         "the one to the root that is known here")
        for t in self.house.api("GET", "/trust").json["trust"]:
            self.house.api("DELETE", "/trust/" + t["id"])

    def test_a_circle_of_issuers_ends(self):
        ca, name = self.ca, self.fresh("circle")
        ka, kb = ca.new_key("a.key"), ca.new_key("b.key")
        a0, b0 = self.certified("A", ka), self.certified("B", kb)
        a, b = self.certified("A", ka, b0, kb), self.certified("B", kb, a0, ka)
        leaf = self.leaf(self.csr(name)["pem"], a, ka)
        got = self.house.check(leaf, a, b, identity=name)
        self.assertEqual(got.status, 200, got.text)
        self.assertEqual(self.chain(got), [ca.der(leaf), ca.der(a), ca.der(b)])
        self.assertRegex(" ".join(got.json["notes"]), "circle")

    def test_V36_installed_without_its_issuer_it_is_served_as_it_came(self):
        name = self.fresh("alone")
        other = CA("Unheard")
        self.addCleanup(other.close)
        leaf = other.sign(self.csr(name)["pem"])
        a = self.house.check(leaf, identity=name)
        self.assertEqual(a.json["verdict"], "harmless", a.text)
        self.assertIn("http://ca.example/inter.cer", " ".join(a.json["notes"]))
        a = self.house.install(leaf, identity=name)
        self.assertEqual(a.status, 201, a.text)
        # the intermediate that comes later completes it
        a = self.house.install(leaf + other.inter, identity=name)
        self.assertEqual((a.status, len(self.chain_of(name))), (201, 2), a.text)
        self.assertEqual(len(self.house.api("GET", "/identities/%s/certificates" % name).json[
            "certificates"]), 1, "one certificate is one row")

    def chain_of(self, name):
        pem = self.house.cli("certificate", "download", "--chain", "--identity", name).stdout
        return re.findall("BEGIN CERTIFICATE", pem)

    def test_an_answer_for_another_key_is_never_installed(self):
        one, two = self.fresh("mine"), self.fresh("theirs")
        csr = self.csr(two)
        self.csr(one)
        a = self.house.check(self.ca.sign(csr["pem"]) + self.ca.inter, identity=one)
        self.assertEqual(a.json["verdict"], "breaking", a.text)
        self.assertEqual(items(a)["key"]["weight"], "breaking")
        a = self.house.install(self.ca.sign(csr["pem"]), identity=one, override="never mind")
        self.assertEqual((a.status, a.json["id"]), (422, "install.never"))

    def test_V34_the_files_names_do_not_count(self):
        name = self.fresh("endings")
        leaf = self.ca.sign(self.csr(name)["pem"])
        want = None
        for ending in ("", ".pem", ".crt", ".p7b", ".zip", ".pfx", ".txt", ".exe", ".der"):
            a = self.house.check(("x" + ending, self.ca.der(leaf)), ("y" + ending, self.ca.pkcs7(
                self.ca.inter, form="DER")), identity=name)
            got = a.json["chain"], a.json["dispositions"], a.json["notes"]
            want = want or got
            self.assertEqual(got, want, ending)


class Wishes(Base):
    def asked(self, name, **more):
        return self.csr(self.fresh(name), names=NAMES, **more)

    def test_each_breaking_answer_says_its_rule_and_is_not_installed(self):
        csr = self.asked("breaks")["pem"]
        ca = self.ca
        old = ("-not_before", "20200101000000Z", "-not_after", "20200201000000Z")
        future = ("-not_before", "20400101000000Z", "-not_after", "20400201000000Z")
        ext = b"extendedKeyUsage=serverAuth\n"
        stranger = CA("Forger")
        self.addCleanup(stranger.close)
        good = ca.sign(csr)
        forged = bytearray(ca.der(good))
        forged[-5] ^= 1
        cases = {
            "a missing name": (ca.sign(csr, names=["DNS:" + NAMES[0]]), "san.dns:" + NAMES[1]),
            "no serverAuth": (ca.sign(csr, eku="clientAuth"), "eku.serverAuth"),
            "a CA certificate": (ca.sign(csr, ca=True), "basicConstraints"),
            "expired": (self.dated(csr, old, ext), "validity"),
            "not yet valid": (self.dated(csr, future, ext), "validity"),
            "an invalid signature": (bytes(forged), "signature"),
            "SHA-1": (ca.sign(csr, digest="sha1"), "signature"),
            "another CN": (ca.sign(csr, subject="/CN=other.example.com", names=[
                "DNS:other.example.com", "DNS:" + NAMES[1]]), "subject.CN"),
        }
        for what, (leaf, item) in cases.items():
            with self.subTest(what=what):
                a = self.house.check(leaf, ca.inter, identity="breaks")
                self.assertEqual((a.status, a.json["verdict"]), (200, "breaking"), a.text)
                broken = [d for d in a.json["dispositions"] if d["weight"] == "breaking"]
                self.assertTrue([d for d in broken if d["item"].startswith(item)], broken)
                for d in broken:
                    self.assertTrue(d["rule"] and d["reason"] and d["reference"], d)
                a = self.house.install(leaf, ca.inter, identity="breaks")
                self.assertEqual((a.status, a.json["id"]), (422, "install.breaking"), a.text)
                a = self.house.install(leaf, ca.inter, identity="breaks", override="it must be")
                if what == "SHA-1":  # TLS itself takes none: nothing could present it
                    self.assertEqual((a.status, a.json["id"]), (422, "tls"), a.text)
                    self.assertIn("md too weak", a.json["hint"])
                elif what == "an invalid signature":
                    self.assertEqual((a.status, a.json["id"]), (422, "install.never"), a.text)
                else:
                    self.assertEqual(a.status, 201, a.text)
        e = [e for e in self.house.api("GET", "/audit?text=it+must+be").json["events"]
             if e["action"] == "certificate.install"]
        self.assertEqual({x["detail"]["reason"] for x in e}, {"it must be"})

    def dated(self, csr, dates, ext):
        """openssl ca takes dates, x509 does not (3.0)."""
        ca = self.ca
        for name, data in (("index.txt", b""), ("index.txt.attr", b"unique_subject = no\n")):
            ca.write(name, data)
        conf = ca.write("ca.cnf", ("[ca]\ndefault_ca=d\n[d]\ndatabase=%s\nnew_certs_dir=%s\nrand_serial=yes\n"
                                   "policy=p\ndefault_md=sha256\ncopy_extensions=copy\nx509_extensions=e\n"
                                   "unique_subject=no\n[p]\ncommonName=supplied\n[e]\n%s" % (
                                       ca.path("index.txt"), ca.dir, ext.decode())).encode())
        start, end = dates[1], dates[3]
        return openssl("ca", "-batch", "-notext", "-config", conf, "-cert", ca.write("ca.pem", ca.inter),
                       "-keyfile", ca.inter_key, "-startdate", start, "-enddate", end, "-in",
                       ca.write("dated.csr", csr.encode()), "-preserveDN")

    def test_harmless_changes_are_named_and_install_without_a_reason(self):
        csr = self.asked("harmless")["pem"]
        leaf = self.ca.sign(csr, subject="/O=Another Name, Inc./CN=portal.example.com", names=[
            "DNS:" + n for n in NAMES + ["extra.example.com"]])
        a = self.house.check(leaf + self.ca.inter, identity="harmless")
        self.assertEqual(a.json["verdict"], "harmless", a.text)
        d = items(a)
        self.assertEqual((d["subject.O"]["outcome"], d["subject.O"]["granted"]),
                         ("amended", "Another Name, Inc."))
        self.assertEqual(d["subject.OU"]["outcome"], "dropped")
        self.assertEqual(d["san.dns:extra.example.com"]["outcome"], "added", "V21")
        a = self.house.install(leaf + self.ca.inter + self.ca.root, identity="harmless")
        self.assertEqual((a.status, len(a.json["chain"])), (201, 2), a.text)
        self.assertRegex(" ".join(a.json["notes"]), "must trust", "a root that nobody here knows is a note")

    def test_it_is_compared_with_the_request_that_it_fits_best_or_the_chosen_one(self):
        name = self.fresh("choice")
        first = self.csr(name, names=NAMES, unit="First")
        second = self.csr(name, names=NAMES[:1], unit="Second")
        one_name, leaf = self.ca.sign(second["pem"]), self.ca.sign(first["pem"])
        third = self.csr(name, names=NAMES, unit="Third")
        a = self.house.check(one_name + self.ca.inter, identity=name)
        self.assertEqual(a.json["request"]["id"], second["id"], "fewest breaking wishes")
        a = self.house.check(leaf + self.ca.inter, identity=name)
        self.assertEqual(a.json["request"]["id"], third["id"], "the newest of those that fit alike")
        a = self.house.check(one_name + self.ca.inter, identity=name, request=first["id"])
        self.assertEqual((a.json["request"]["id"], a.json["verdict"]), (first["id"], "breaking"))
        a = self.house.check(leaf, identity=name, request="01jz" + "a" * 22)
        self.assertEqual(a.status, 404, a.text)
        a = self.house.install(leaf + self.ca.inter, identity=name, request=first["id"])
        self.assertEqual((a.status, a.json["request"]["id"]), (201, first["id"]))
        states = {r["id"]: r["state"] for r in self.house.api(
            "GET", "/identities/%s/requests" % name).json["requests"]}
        self.assertEqual(states, {first["id"]: "issued", second["id"]: "pending", third["id"]: "pending"})

    def test_without_a_request_the_saved_names_are_compared_and_the_rest_is_added(self):
        name = self.fresh("imported", None)
        key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        # the names are saved with a first key's request
        self.house.api("POST", "/identities/%s/keys" % name, {"type": "ec:P-256"})
        self.csr(name, names=NAMES)
        a = self.house.api("POST", "/identities/%s/keys/import" % name,
                           {"file": base64.b64encode(key).decode()})
        self.assertEqual(a.status, 201, a.text)
        csr = openssl("req", "-new", "-key", self.ca.write("imported.key", key), "-subj",
                      "/C=US/O=Example Video, Inc./CN=portal.example.com", "-addext",
                      "subjectAltName=DNS:portal.example.com")
        a = self.house.check(self.ca.sign(csr) + self.ca.inter, identity=name)
        self.assertEqual((a.status, a.json["verdict"]), (200, "breaking"), a.text)
        self.assertIsNone(a.json.get("request"))
        d = items(a)
        self.assertEqual(d["san.dns:" + NAMES[1]]["outcome"], "dropped")
        self.assertEqual(d["subject.O"]["outcome"], "added")
        a = self.house.install(self.ca.sign(csr, names=["DNS:" + n for n in NAMES]) + self.ca.inter,
                               identity=name)
        self.assertEqual(a.status, 201, a.text)

    def test_M8_V24_what_is_out_stays_out_and_the_key_page_says_so(self):
        name = self.fresh("out")
        first = self.csr(name)
        b = Browser(self.house)
        b.sign_in()
        page = b.get("/settings/security/key?identity=" + name)
        self.assertIn("Request %d is out" % first["number"], page.text)
        page = b.post("/settings/security/key?identity=" + name, {"type": "rsa:2048"}, page)
        self.assertIn("Request %d is out" % first["number"], page.text, "after the new key, too")
        second = self.csr(name)
        page = b.get("/settings/security/key?identity=" + name)
        for r in first, second:
            self.assertIn("Request %d is out" % r["number"], page.text)
        csr = b.get("/settings/security/csr?identity=%s&request=%s" % (name, first["id"]))
        self.assertIn("its answer still installs", csr.text)
        a = self.house.install(self.ca.sign(first["pem"]) + self.ca.inter, identity=name)
        self.assertEqual((a.status, self.active(name)["key"]), (201, first["key"]))
        a = self.house.install(self.ca.sign(second["pem"]) + self.ca.inter, identity=name)
        self.assertEqual((a.status, self.active(name)["key"]), (201, second["key"]))

    def test_M6_roll_back_is_one_act_with_its_reason_and_refused_when_there_is_nothing(self):
        name = self.fresh("back")
        path = "/identities/%s/rollback" % name
        a = self.house.api("POST", path, {})
        self.assertEqual((a.status, a.json["id"]), (409, "rollback.none"), a.text)
        one = self.house.install(self.ca.sign(self.csr(name)["pem"]) + self.ca.inter, identity=name)
        a = self.house.api("POST", path, {})
        self.assertEqual((a.status, a.json["id"]), (409, "rollback.none"), a.text)
        self.house.install(self.ca.sign(self.csr(name)["pem"]) + self.ca.inter, identity=name)
        a = self.house.api("POST", path, {"reason": "clients broke"})
        self.assertEqual((a.status, a.json["id"]), (200, one.json["id"]), a.text)
        e = self.house.api("GET", "/audit?text=clients+broke").json["events"][0]
        self.assertEqual((e["action"], e["detail"]["reason"]), ("certificate.rollback", "clients broke"))
        b = Browser(self.house)
        b.sign_in()
        self.assertIn("clients broke", b.get("/settings/security/certificate?identity=" + name).text)


class Swap(Base):
    def test_M7_an_open_connection_lives_through_the_install(self):
        with House() as house:
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            csr = house.regenerate().json["pem"]
            c = http.client.HTTPSConnection("127.0.0.1", house.port, timeout=20,
                                            context=ssl._create_unverified_context())

            def ask():
                c.request("GET", "/healthz")
                r = c.getresponse()
                return r.status, r.read()
            self.assertEqual(ask(), (200, b"ok\n"))
            before = c.sock
            ends = []

            def others():
                while not ends:
                    self.assertEqual(house.request("GET", "/healthz").status, 200)
            t = threading.Thread(target=others)
            t.start()
            for _ in range(5):
                leaf = self.ca.sign(csr)
                self.assertEqual(house.install(leaf + self.ca.inter).status, 201)
                self.assertEqual(house.served(), self.ca.der(leaf), "from the next handshake on")
                self.assertEqual(ask(), (200, b"ok\n"))
                self.assertIs(c.sock, before, "the same connection")
            ends.append(True)
            t.join()
            c.close()

    def test_V40_every_listener_presents_what_is_active_chain_included(self):
        second = free_port()
        with House(options=["--listen", "[::1]:%d" % second]) as house:
            house.api("POST", "/identities/portal/keys", {"type": "rsa:2048"})
            leaf = self.ca.sign(house.regenerate().json["pem"])
            self.assertEqual(house.install(leaf + self.ca.inter).status, 201)
            for where in ("127.0.0.1:%d" % house.port, "[::1]:%d" % second):
                for version in ("-tls1_2", "-tls1_3"):
                    r = subprocess.run(["openssl", "s_client", "-connect", where, version, "-showcerts",
                                        "-CAfile", self.ca.write("root.pem", self.ca.root),
                                        "-verify_return_error", "-servername", "portal.example.com",
                                        "-verify_hostname", "portal.example.com"], input=b"",
                                       capture_output=True)
                    self.assertIn(b"Verify return code: 0 (ok)", r.stdout, where)
                    chain = re.findall(b"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n",
                                       r.stdout, re.S)
                    self.assertEqual([self.ca.der(p) for p in chain],
                                     [self.ca.der(leaf), self.ca.der(self.ca.inter)], where)
            self.assertIn("listening on https://[::1]:%d\n" % second, house.ready)

    def test_P5_of_installs_side_by_side_the_last_one_is_served(self):
        with House() as house:
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            csr = house.regenerate().json["pem"]
            leaves = [self.ca.sign(csr) for _ in range(12)]
            with concurrent.futures.ThreadPoolExecutor(6) as pool:
                for a in pool.map(lambda p: house.install(p + self.ca.inter), leaves):
                    self.assertEqual(a.status, 201, a.text)
            active = house.api("GET", "/identities/portal/certificate").json["pem"]
            self.assertEqual(house.served(), self.ca.der(active.encode()))
            house.restart()
            self.assertEqual(house.served(), self.ca.der(active.encode()))

    def test_V39_without_a_licence_everything_works(self):
        b = Browser(self.house)
        b.sign_in()
        page = b.get("/settings")
        self.assertIn("Upload System License", page.text)
        self.assertRegex(page.text, "(?i)everything works|no licence is needed|without")

    def test_P33_an_answer_makes_no_connection(self):
        """Its AIA and CRL addresses lead to a port where nobody is asked."""
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            s.settimeout(0.5)
            url = "http://127.0.0.1:%d/" % s.getsockname()[1]
            name = self.fresh("calls")
            leaf = self.ca.sign(self.csr(name)["pem"], extra="crlDistributionPoints=URI:" + url)
            own = self.leaf(self.house.api("GET", "/identities/%s/request" % name).json["pem"],
                            self.ca.inter, self.ca.inter_key, ("authorityInfoAccess=caIssuers;URI:%si,"
                            "OCSP;URI:%so\nextendedKeyUsage=serverAuth\n" % (url, url)).encode())
            self.house.install(leaf, identity=name)
            self.house.install(own, identity=name)
            with self.assertRaises(TimeoutError):
                s.accept()


if __name__ == "__main__":
    tap.main()
