"""Keys that were good until something became known of them: each is refused on
every path, that one and nothing else, and one of our own is on record (P19)."""

import base64
import hashlib
import json
import os
import signal
import subprocess
import time

import tap
import weakkeys
from ca import CA, openssl
from case import Case
from house import BUILD, FIELDS


def spki(key):
    return hashlib.sha256(openssl("pkey", "-pubout", "-outform", "DER", stdin=key)).hexdigest()


class Weak(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = CA()
        cls.addClassCleanup(cls.ca.close)
        a = cls.house.api("POST", "/cas", {"name": "ours"})
        assert a.status == 201, a.text

    def csr(self, key):
        return openssl("req", "-new", "-key", self.ca.write("weak.key", key), "-subj", "/CN=weak.example.com",
                       "-addext", "subjectAltName=DNS:weak.example.com")

    def last(self):
        e = self.house.api("GET", "/audit").json["events"][0]
        return e["action"], e["outcome"]

    def faults(self, sheet):
        return [(d["item"], d["rule"]) for d in sheet["dispositions"] if d["outcome"] == "refused"]

    def sheets(self, csr):
        """What each sheet of a CSR says."""
        for path, more in (("/csr/check", {}), ("/csr/preview", {"authority": "private"}),
                           ("/csr/preview", {"authority": "ours"})):
            a = self.house.api("POST", path, dict(more, csr=csr.decode()))
            self.assertEqual(a.status, 200, a.text)
            yield path, a.json

    def csr_is_refused(self, csr, rule, word):
        """In check, preview and submit, over API and command line."""
        for path, sheet in self.sheets(csr):
            self.assertEqual((sheet["verdict"], self.faults(sheet)), ("refuse", [("key", rule)]), path)
            d = next(d for d in sheet["dispositions"] if d["item"] == "key")
            self.assertIn(word, d["reason"])
            self.assertIn("BR 6.1.1.3", d["reference"])
        before = [self.house.api("GET", path).text for path in ("/submissions", "/issued")]
        for authority in ("private", "ours"):
            a = self.house.api("POST", "/authorities/%s/requests" % authority, {"csr": csr.decode()})
            self.refused(a, 422, "submit.refused")
            self.assertIn(word, a.json["detail"])
            self.assertEqual(self.last(), ("request.submit", "submit.refused"))
        self.assertEqual([self.house.api("GET", path).text for path in ("/submissions", "/issued")], before)
        self.assertEqual(self.house.cli("csr", "check", "-", stdin=csr.decode()).returncode, 5)

    def key_is_refused(self, key, refusal, rule, word):
        """A key of somebody else: imported, in a CSR, in a certificate of a CA."""
        keys = self.house.api("GET", "/identities/portal/keys").text
        a = self.house.api("POST", "/identities/portal/keys/import", {"file": base64.b64encode(key).decode()})
        self.refused(a, 400, refusal, "file")
        self.assertIn(word, a.json["detail"])
        self.assertIn("new key", a.json["hint"])
        self.assertEqual(self.last(), ("key.import", refusal))
        r = self.house.cli("key", "import", "-", stdin=key)
        self.assertEqual(r.returncode, 6, r.stderr)
        self.assertIn(word, r.stderr.decode())
        self.assertEqual(self.house.api("GET", "/identities/portal/keys").text, keys)
        self.csr_is_refused(self.csr(key), rule, word)
        trust = [t["id"] for t in self.house.api("GET", "/trust").json["trust"]]
        own = openssl("req", "-x509", "-new", "-key", self.ca.write("weak.key", key), "-subj", "/CN=Weak CA",
                      "-days", "30")
        a = self.house.api("POST", "/trust", {"content": base64.b64encode(own).decode()})
        self.refused(a, 400, refusal, "content")
        self.assertEqual(self.last(), ("trust.add", refusal))
        self.assertEqual([t["id"] for t in self.house.api("GET", "/trust").json["trust"]], trust)

    def own_is_refused(self, name, csr, leaf, refusal, rule, word):
        """A key that is here: its CSRs, a new one, its certificate."""
        self.csr_is_refused(csr, rule, word)
        requests = self.house.api("GET", "/identities/%s/requests" % name).text
        a = self.house.regenerate(name)
        self.refused(a, 400, refusal)
        self.assertIn(word, a.json["detail"])
        self.assertIn("new key", a.json["hint"])
        self.assertEqual(self.last(), ("csr.regenerate", refusal))
        self.assertEqual(self.house.api("GET", "/identities/%s/requests" % name).text, requests)
        b = self.signed_in()
        page = b.get("/settings/security/csr?identity=" + name)
        shown = b.post("/settings/security/csr?identity=" + name, FIELDS, page)
        self.assertEqual(shown.status, 400)
        self.assertIn(word, shown.text)
        certificates = self.installs(name)
        a = self.house.check(leaf + self.ca.inter, identity=name)
        self.assertEqual((a.status, a.json["verdict"]), (200, "breaking"), a.text)
        self.assertEqual(self.faults(a.json), [("key", "compare.key.weak")])
        for more, code in (({}, "install.breaking"), ({"override": "I insist"}, "install.never")):
            a = self.house.install(leaf + self.ca.inter, identity=name, **more)
            self.refused(a, 422, code)
            self.assertIn(word, a.json["detail"])
        self.assertEqual(self.installs(name), certificates)

    def installs(self, name):
        listed = self.house.api("GET", "/identities/%s/certificates" % name).json["certificates"]
        return [(c["id"], c["state"]) for c in listed]

    def until(self, what, ask):
        end = time.monotonic() + 20
        while not ask():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.05)

    def attention(self):
        return [a for a in self.house.api("GET", "/components").json["attention"] if a["id"] == "bad-key"]

    def take(self, name, key):
        a = self.house.api("POST", "/identities/%s/keys/import" % name, {"file": base64.b64encode(key).decode()})
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def installed(self, name):
        """Request, answer, installed: the CSR and the leaf."""
        csr = self.house.regenerate(name).json["pem"]
        leaf = self.ca.sign(csr)
        a = self.house.install(leaf + self.ca.inter, identity=name)
        self.assertEqual(a.status, 201, a.text)
        return csr.encode(), leaf

    def rolls_back_not(self, name, refusal):
        """A newer key is installed; then the one before it is asked for."""
        self.house.api("POST", "/identities/%s/keys" % name, {"type": "ec:P-256"})
        self.installed(name)
        active = self.house.api("GET", "/identities/" + name).json["active"]
        self.refused(self.house.api("POST", "/identities/%s/rollback" % name, {}), 400, refusal)
        self.assertEqual(self.last(), ("certificate.rollback", refusal))
        self.assertEqual(self.house.api("GET", "/identities/" + name).json["active"], active)


class SharedFactor(Weak):
    REFUSAL = "key.shared-factor", "csr.key.shared-factor", "prime factor in common"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.p, cls.q, cls.r, cls.s = (weakkeys.prime(1024) for _ in range(4))

    def test_P19_M36_a_prime_of_another_key_is_refused_on_every_path(self):
        name = self.identity("till")
        mine = self.take(name, weakkeys.rsa(self.p, self.q))
        csr, leaf = self.installed(name)
        for path, sheet in self.sheets(csr):  # the same key again is no fault
            self.assertEqual(self.faults(sheet), [], path)
        self.assertEqual(self.attention(), [])
        self.key_is_refused(weakkeys.rsa(self.p, self.r), *self.REFUSAL)
        a = self.house.api("POST", "/identities/portal/keys/import",
                           {"file": base64.b64encode(weakkeys.rsa(self.p, self.r)).decode()})
        for secret in (name, mine["id"], mine["spki_sha256"]):
            self.assertNotIn(secret, a.text, "whose key the other one is")
        # the other one is ours: on record, shown, never used again
        self.until("the own key is shown", self.attention)
        shown = self.attention()
        self.assertEqual([(s["identity"], s["weight"]) for s in shown], [(name, "bad")])
        self.assertIn("generation 1, has a prime factor in common", shown[0]["message"])
        page = self.signed_in().get("/components").text
        self.assertIn("Bad key", page)
        self.assertIn('href="/settings/security/replace?identity=%s"' % name, page)
        found = [e for e in self.events("key.shared-factor") if e["object"] == mine["id"]
                 and e["action"] == "key.shared-factor"]
        self.assertEqual([(e["outcome"], e["actor"], e["detail"]["identity"]) for e in found],
                         [("done", "system", name)])
        self.own_is_refused(name, csr, leaf, *self.REFUSAL)
        self.rolls_back_not(name, self.REFUSAL[0])
        self.assertEqual(self.attention(), [], "it is retired")
        # all of it is known after a start, too
        self.house.restart()
        self.key_is_refused(weakkeys.rsa(self.p, self.s), *self.REFUSAL)
        self.csr_is_refused(csr, *self.REFUSAL[1:])

    def test_P19_what_was_only_checked_counts(self):
        """A CSR that was looked at and never submitted."""
        x, y, z = (weakkeys.prime(1024) for _ in range(3))
        first, second = self.csr(weakkeys.rsa(x, y)), self.csr(weakkeys.rsa(x, z))
        for path, sheet in self.sheets(first):
            self.assertEqual(self.faults(sheet), [], path)
        self.csr_is_refused(second, *self.REFUSAL[1:])
        self.until("the first one is known", lambda: [self.faults(s) for _, s in self.sheets(first)][0])
        self.csr_is_refused(first, *self.REFUSAL[1:])


class Blocked(Weak):
    """The block list of the site, weak-keys/spki-sha256."""

    def block(self, text, log="the lists of weak keys were read"):
        folder = os.path.join(self.house.data, "weak-keys")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "spki-sha256"), "w") as f:
            f.write(text)
        before = self.house.errors().count(log)
        self.house.process.send_signal(signal.SIGHUP)
        self.until(log, lambda: self.house.errors().count(log) > before)

    def test_P19_a_blocked_key_is_refused_on_every_path(self):
        name = self.identity("till")
        mine, theirs, fine = (openssl("genpkey", "-algorithm", *alg) for alg in (
            ("ED25519",), ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"), ("RSA",)))
        self.take(name, mine)
        csr, leaf = self.installed(name)
        for path, sheet in self.sheets(self.csr(theirs)):
            self.assertEqual(self.faults(sheet), [], path)
        self.block("# of this site\n%s ticket 4711\n%s  # stolen\n" % (spki(theirs), spki(mine).upper()))
        self.key_is_refused(theirs, "key.blocked", "csr.key.blocked", "block list: ticket 4711")
        self.own_is_refused(name, csr, leaf, "key.blocked", "csr.key.blocked", "block list: stolen")
        self.rolls_back_not(name, "key.blocked")
        for path, sheet in self.sheets(self.csr(fine)):
            self.assertEqual(self.faults(sheet), [], path)
        # a list that cannot be read changes nothing
        self.block("nonsense\n", "weak-keys/spki-sha256, line 1")
        self.csr_is_refused(csr, "csr.key.blocked", "stolen")
        self.block("")
        for path, sheet in self.sheets(csr):
            self.assertEqual(self.faults(sheet), [], path)


class Compromised(Weak):
    REFUSAL = "key.compromised", "csr.key.compromised", "compromised: it was reported on"

    def mark(self, pem, **more):
        return self.house.api("POST", "/compromised-keys", dict(more, pem=pem.decode()))

    def test_P19_M36_a_compromised_key_is_refused_on_every_path(self):
        name = self.identity("till")
        mine, theirs = (openssl("genpkey", "-algorithm", *alg) for alg in (("RSA",), ("ED25519",)))
        key = self.take(name, mine)
        csr, leaf = self.installed(name)
        a = self.mark(openssl("pkey", "-pubout", stdin=theirs), note="found on a forum")
        self.assertEqual(a.status, 201, a.text)
        self.assertEqual({k: v for k, v in a.json.items() if k != "marked"}, {
            "spki_sha256": spki(theirs), "key": None, "source": "reported", "note": "found on a forum",
            "marked_by": "local"})
        found = [e for e in self.events(spki(theirs)) if e["action"] == "key.compromised"]
        self.assertEqual([(e["outcome"], e["detail"]["note"]) for e in found], [("done", "found on a forum")])
        self.key_is_refused(theirs, *self.REFUSAL)
        # one of ours is served until another is installed, and makes nothing new
        self.assertEqual(self.attention(), [])
        a = self.house.api("POST", "/keys/%s/compromised" % key["id"], {"note": "laptop stolen"})
        self.assertEqual((a.status, a.json["key"], a.json["spki_sha256"]), (200, key["id"], spki(mine)), a.text)
        self.assertEqual(self.last(), ("key.compromised", "done"))
        shown = self.attention()
        self.assertEqual([(s["identity"], s["weight"]) for s in shown], [(name, "bad")])
        self.assertIn("generation 1, is compromised", shown[0]["message"])
        self.own_is_refused(name, csr, leaf, *self.REFUSAL)
        self.assertIn("It is refused on every path: the key is compromised",
                      self.signed_in().get("/settings/security/key/" + key["id"]).text)
        self.assertEqual(self.house.api("GET", "/identities/%s/certificates" % name).json["certificates"][0]["state"],
                         "active")
        self.rolls_back_not(name, self.REFUSAL[0])
        self.assertEqual(self.attention(), [])
        self.house.restart()
        self.key_is_refused(theirs, *self.REFUSAL)
        # said again, it stays as it was, without a second event
        again = self.mark(openssl("pkey", "-pubout", stdin=theirs), note="other words")
        self.assertEqual((again.status, again.json["note"]), (201, "found on a forum"))
        self.assertEqual(len([e for e in self.events(spki(theirs)) if e["action"] == "key.compromised"]), 1)

    def test_a_key_is_marked_by_what_is_public_of_it(self):
        ec = ("EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        keys = [openssl("genpkey", "-algorithm", *ec) for _ in range(3)]
        cert = openssl("req", "-x509", "-new", "-key", self.ca.write("k", keys[2]), "-subj", "/CN=x", "-days", "3")
        for key, pem in zip(keys, (openssl("pkey", "-pubout", stdin=keys[0]), self.csr(keys[1]), cert)):
            self.assertEqual(self.mark(pem).json["spki_sha256"], spki(key))
        # a compressed point is the same key (RFC 5480 section 2.2)
        other = openssl("genpkey", "-algorithm", *ec)
        form = openssl("ec", "-conv_form", "compressed", stdin=other)
        self.assertNotEqual(spki(form), spki(other))
        self.assertEqual(self.mark(openssl("pkey", "-pubout", stdin=form)).json["spki_sha256"], spki(other))
        self.csr_is_refused(self.csr(form), *self.REFUSAL[1:])
        for pem, refusal in ((b"hello", "compromised.file"), (cert + cert, "compromised.file"),
                             (keys[0], "compromised.file"), (b"", "field.required"),
                             (cert.replace(b"\nM", b"\n!"), "compromised.file"),
                             (weakkeys.pem(b"PUBLIC KEY", b"x"), "key.malformed"),
                             (weakkeys.pem(b"CERTIFICATE", b"x"), "certificate.der"),
                             (weakkeys.pem(b"CERTIFICATE REQUEST", b"x"), "csr.der")):
            with self.subTest(pem=pem[:40], refusal=refusal):
                self.refused(self.mark(pem), 400, refusal, "pem")
                self.assertEqual(self.last(), ("key.compromised", refusal))
        self.refused(self.mark(cert, note="a\u202eb"), 400, "text.bidi", "note")
        self.refused(self.mark(cert, note="x" * 201), 400, "field.long", "note")
        self.refused(self.house.api("POST", "/keys/nobody/compromised", {}), 404, "not-found")

    def test_who_may_mark_what(self):
        """A key of another may be anybody's, in any tenant: Super Admins only."""
        for row in json.loads(subprocess.run([BUILD + "/certwrightd", "--dump-routes"], capture_output=True,
                                             check=True).stdout):
            if row["api_path"] == "/api/v1/compromised-keys":
                self.assertEqual(row["capability"], "super")
            if row["api_path"] == "/api/v1/keys/{id}/compromised":
                self.assertEqual(row["capability"], "settings")

    def test_on_the_command_line(self):
        key = openssl("genpkey", "-algorithm", "ED25519")
        name = self.identity("line", "ec:P-256")
        mine = self.house.api("GET", "/identities/%s/key" % name).json
        self.house.regenerate(name)
        r = self.house.cli("key", "compromised", mine["id"], "--note", "lost", json_out=True)
        self.assertEqual((r.returncode, json.loads(r.stdout)["note"]), (0, "lost"), r.stderr)
        r = self.house.cli("csr", "regenerate", "--identity", name)
        self.assertEqual(r.returncode, 6)
        self.assertRegex(r.stderr, "compromised(.|\n)*hint: make a new key")
        path = self.ca.write("public.pem", openssl("pkey", "-pubout", stdin=key))
        r = self.house.cli("key", "compromised", path)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn(spki(key), r.stdout)
        sent = len(self.events("key.compromised"))
        for data, word in ((key, "holds a private key"), (b"\xff", "no text"), (b"a\0b", "no text")):
            r = self.house.cli("key", "compromised", self.ca.write("file", data))
            self.assertEqual(r.returncode, 6)
            self.assertIn(word, r.stderr)
        self.assertEqual(len(self.events("key.compromised")), sent, "a private key is not even sent")
        self.assertEqual(self.house.cli("key", "compromised", "0" * 26).returncode, 8)


class OwnAuthority(Weak):
    """What our own CA learns by revoking, and the keys of our own CAs."""

    def issue(self, csr):
        a = self.house.api("POST", "/authorities/ours/requests", {"csr": csr.decode()})
        self.assertEqual(a.status, 201, a.text)
        return a.json["serial"]

    def test_P19_M36_a_key_once_revoked_for_compromise_is_refused_on_every_path(self):
        key = openssl("genpkey", "-algorithm", "ED25519")
        csr = self.csr(key)
        for reason in ("superseded", "certificateHold", "keyCompromise"):
            serial = self.issue(csr)  # after any other reason it is as good as before
            a = self.house.api("POST", "/issued/revoke", {"serial": serial, "reason": reason})
            self.assertEqual(a.status, 200, a.text)
        found = [e for e in self.events(spki(key)) if e["action"] == "key.compromised"]
        self.assertEqual([(e["detail"]["source"], e["detail"]["note"]) for e in found],
                         [("revoked", "certificate %s was revoked: keyCompromise" % serial)])
        self.key_is_refused(key, "key.compromised", "csr.key.compromised", "revoked for that on")

    def test_P19_a_weak_key_of_a_CA_is_not_taken(self):
        def ids():
            return [c.get("id", c.get("name")) for c in self.house.api("GET", "/cas").json["cas"]]
        before = ids()
        for what, key, refusal in weakkeys.each():
            if what not in ("close primes", "published in RFC 8410"):
                continue
            with self.subTest(what=what):
                cert = openssl("req", "-x509", "-new", "-key", self.ca.write("weak.key", key), "-subj", "/CN=Weak CA",
                               "-days", "30")
                a = self.house.api("POST", "/cas/import", {"name": "weak", "answer": cert.decode(),
                                                           "key": key.decode()})
                self.refused(a, 400, refusal, "key")
                self.assertEqual(self.last(), ("ca.import", refusal))
        self.assertEqual(ids(), before)

    def test_P19_P28_a_CA_whose_key_falls_is_on_record_and_shown(self):
        p, q, r = (weakkeys.prime(1024) for _ in range(3))
        key = weakkeys.rsa(p, q)
        cert = openssl("req", "-x509", "-new", "-key", self.ca.write("k", key), "-subj", "/CN=Old CA", "-days", "30",
                       "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        a = self.house.api("POST", "/cas/import", {"name": "old", "answer": cert.decode(), "key": key.decode()})
        self.assertEqual(a.status, 201, a.text)
        self.csr_is_refused(self.csr(weakkeys.rsa(p, r)), "csr.key.shared-factor", "prime factor in common")
        self.until("the CA is shown", self.attention)
        shown = self.attention()[0]
        self.assertIn("The private key of the CA old, number 1, has a prime factor", shown["message"])
        self.assertIsNone(shown["identity"])
        self.assertEqual([e["outcome"] for e in self.events("key.shared-factor")
                          if e["action"] == "key.shared-factor"], ["done"])


if __name__ == "__main__":
    tap.main()
