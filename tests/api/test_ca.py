"""Our own authority: made, asked, and what it says of every wish."""

import base64
import contextlib
import html
import http.client
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

import tap
from ca import openssl
from case import Case
from house import House, free_port


class CaCase(Case):
    @classmethod
    def build(cls):
        cls.plain = free_port()
        return House(options=["--http-listen", "127.0.0.1:%d" % cls.plain])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dir = tempfile.mkdtemp(prefix="ca-")
        a = cls.house.api("POST", "/cas", {"name": "house"})
        assert a.status == 201, a.text
        cls.ca = a.json
        cls.root = cls.write("root.pem", a.json["root"])
        cls.issuing = cls.write("issuing.pem", a.json["issuing"])
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-out", os.path.join(cls.dir, "key.pem"))

    @classmethod
    def write(cls, name, text):
        path = os.path.join(cls.dir, name)
        with open(path, "w" if isinstance(text, str) else "wb") as f:
            f.write(text)
        return path

    def csr(self, subject="/CN=www.example.com", names="DNS:www.example.com", *more, key="key.pem"):
        args = ["req", "-new", "-key", os.path.join(self.dir, key), "-subj", subject]
        if names:
            args += ["-addext", "subjectAltName=" + names]
        for m in more:
            args += ["-addext", m]
        return openssl(*args).decode()

    def fresh_csr(self):
        """Of a key of its own: a compromised one is never taken again."""
        return openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                       os.path.join(self.dir, "fresh.pem"), "-subj", "/CN=www.example.com", "-addext",
                       "subjectAltName=DNS:www.example.com").decode()

    def submit(self, csr=None, authority="house", **more):
        return self.house.api("POST", "/authorities/%s/requests" % authority,
                              dict(more, csr=csr or self.csr()))

    def issue(self, *args, **more):
        a = self.submit(*args, **more)
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def outcomes(self, sheet):
        return {d["item"]: d["outcome"] for d in sheet["dispositions"]}

    def text(self, pem, *args):
        return openssl("x509", "-noout", *args, stdin=pem.encode()).decode()

    def fetch(self, url, data=None):
        rq = urllib.request.Request(url, data, {"Content-Type": "application/ocsp-request"} if data else {})
        with urllib.request.urlopen(rq, timeout=10) as r:
            return r.read()

    def verifies(self, pem, *more):
        leaf = self.write("leaf.pem", pem)
        r = subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile", self.root,
                            "-untrusted", self.issuing] + list(more) + [leaf],
                           capture_output=True, text=True)
        return r.returncode == 0, r.stdout + r.stderr


class Issuing(CaCase):
    def test_V18_what_is_in_line_is_issued_and_every_wish_granted(self):
        subject = "/C=US/ST=New Jersey/L=Hackensack/O=Example/OU=Conf/CN=www.example.com"
        a = self.issue(self.csr(subject, "DNS:www.example.com,DNS:a.example.com,IP:192.0.2.1"))
        self.assertEqual(a["verdict"], "issue")
        asked = {d["item"]: d["outcome"] for d in a["dispositions"] if d["asked"] is not None}
        self.assertEqual(set(asked.values()), {"granted"}, asked)
        ok, said = self.verifies(a["certificate"])
        self.assertTrue(ok, said)
        text = self.text(a["certificate"], "-text")
        self.assertIn("DNS:www.example.com, DNS:a.example.com, IP Address:192.0.2.1", text)
        self.assertIn("TLS Web Server Authentication", text)
        self.assertEqual(len(a["chain"]), 2)
        self.assertEqual(a["chain"][1].strip(), self.ca["issuing"].strip())
        serial = self.text(a["certificate"], "-serial").strip().split("=")[1].lower()
        self.assertEqual(int(serial, 16), int(a["serial"], 16))

    def test_V19_what_is_not_in_line_is_changed_and_issued(self):
        a = self.issue(self.csr("/CN=www.example.com/title=Boss", "DNS:www.example.com,URI:urn:a:b",
                                "basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign"), days=90)
        self.assertEqual(a["verdict"], "amend")
        o = self.outcomes(a)
        self.assertEqual((o["subject.title"], o["san.uri:urn:a:b"], o["basicConstraints.ca"],
                          o["ku.keyCertSign"], o["validity.days"]),
                         ("dropped", "dropped", "amended", "dropped", "granted"))
        text = self.text(a["certificate"], "-text")
        self.assertNotIn("Boss", text)
        self.assertNotIn("urn:a:b", text)
        self.assertIn("CA:FALSE", text)
        self.assertNotIn("Certificate Sign", text)

    def test_V20_what_cannot_be_is_refused_with_the_sheet_and_leaves_nothing(self):
        before = len(self.house.api("GET", "/issued").json["issued"])
        a = self.submit(self.csr("/CN=bad name", "DNS:under_score.example.com"))
        self.refused(a, 422, "submit.refused")
        self.assertEqual(a.json["verdict"], "refuse")
        self.assertEqual(self.outcomes(a.json)["san.dns:under_score.example.com"], "refused")
        self.assertEqual(len(self.house.api("GET", "/issued").json["issued"]), before)

    def test_P17_all_in_the_certificate_that_was_not_asked_is_said_to_be_added(self):
        a = self.issue()
        added = {d["item"] for d in a["dispositions"] if d["outcome"] == "added"}
        self.assertTrue({"eku.serverAuth", "ku.digitalSignature", "basicConstraints.ca",
                         "ext.2.5.29.14", "ext.2.5.29.35", "ext.2.5.29.31",
                         "ext.1.3.6.1.5.5.7.1.1", "validity.days", "validity.notBefore"} <= added, added)

    def test_M2_the_sheet_is_kept_with_the_request_and_its_certificate(self):
        a = self.issue()
        one = self.house.api("GET", "/submissions/" + a["id"]).json
        self.assertEqual((one["state"], one["serial"], one["certificate"]),
                         ("issued", a["serial"], a["certificate"]))
        self.assertEqual(one["sheet"]["dispositions"], a["dispositions"])
        shown = self.house.api("GET", "/issued/" + a["serial"].upper()).json
        self.assertEqual((shown["request"], shown["pem"]), (a["id"], a["certificate"]))

    def test_each_POST_is_a_new_request_and_a_key_makes_it_the_same(self):
        csr = self.csr()
        self.assertNotEqual(self.issue(csr)["serial"], self.issue(csr)["serial"])
        path, head = "/authorities/house/requests", {"Idempotency-Key": "once-more"}
        one, two = (self.house.api("POST", path, {"csr": csr}, headers=head) for _ in range(2))
        self.assertEqual(one.json["serial"], two.json["serial"])

    def test_the_csr_alone_will_do_as_body(self):
        der = openssl("req", "-outform", "DER", stdin=self.csr().encode())
        a = self.house.api("POST", "/authorities/house/requests?profile=client&days=7", body=der,
                           headers={"Content-Type": "application/pkcs10"})
        self.assertEqual((a.status, a.json["profile"]), (201, "client"), a.text)
        self.assertIn("TLS Web Client", self.text(a.json["certificate"], "-text"))

    def test_M30_the_preview_says_what_then_is_issued(self):
        csr = self.csr("/CN=www.example.com/title=Boss")
        p = self.house.api("POST", "/csr/preview", {"csr": csr, "authority": "house"}).json
        a = self.issue(csr)
        same = [i for i in self.outcomes(p) if not i.startswith("validity.notBefore")]
        for item in same:
            self.assertEqual(self.outcomes(p)[item], self.outcomes(a)[item], item)

    def test_every_issue_is_on_record(self):
        a = self.issue()
        events = [e for e in self.events("certificate.issue") if e["object"] == a["id"]]
        self.assertEqual(len(events), 1)
        self.assertEqual(events[0]["detail"]["serial"], a["serial"])


class Authorities(CaCase):
    def test_root_and_issuing_CA_in_one_step(self):
        self.assertEqual(self.ca["name"], "house")
        roles = {c["role"]: c for c in self.ca["certificates"]}
        self.assertEqual(set(roles), {"root", "issuing"})
        text = self.text(self.ca["issuing"], "-text")
        self.assertIn("CA:TRUE, pathlen:0", text)
        self.assertIn("Certificate Sign, CRL Sign", text)
        self.assertTrue(self.verifies(self.ca["issuing"])[0])

    def test_names_are_those_of_no_card_and_no_other_authority(self):
        for name, status, id_ in (("house", 409, "ca.exists"), ("letsencrypt", 409, "ca.exists"),
                                  ("House", 409, "ca.exists"), ("LetsEncrypt", 409, "ca.exists"),
                                  (" x", 400, "ca.name"), ("a/b", 400, "ca.name"), ("x" * 41, 400, None)):
            a = self.house.api("POST", "/cas", {"name": name})
            self.assertEqual(a.status, status, a.text)
            if id_:
                self.refused(a, status, id_, "name")

    def test_what_is_asked_is_checked(self):
        for member, value, id_, field in (
                ("type", "dsa:1024", "key.type", "type"), ("days", 20000, "ca.days", "days"),
                ("root_days", 20000, "ca.days", "root_days"), ("permit", ["192.0.2.1"], "ca.permit", "permit"),
                ("permit", ["*.example.com"], "ca.permit", "permit"), ("under", "nobody", "not-found", None)):
            self.refused(self.house.api("POST", "/cas", {"name": "wrong", member: value}),
                         404 if id_ == "not-found" else 400, id_, field)
        self.assertEqual(self.house.api("GET", "/cas/wrong").status, 404)

    def test_every_type_of_key_issues(self):
        for type_ in ("ec:P-384", "ec:P-521", "ed25519", "rsa:2048"):
            name = "of " + type_.replace(":", "-")
            a = self.house.api("POST", "/cas", {"name": name, "type": type_})
            self.assertEqual(a.status, 201, a.text)
            self.root = self.write("r-%s.pem" % name, a.json["root"])
            self.issuing = self.write("i-%s.pem" % name, a.json["issuing"])
            ok, said = self.verifies(self.issue(authority=name.replace(" ", "%20"))["certificate"])
            self.assertTrue(ok, said)

    def test_permitted_names_bind_the_examiner_and_the_certificate(self):
        a = self.house.api("POST", "/cas", {"name": "narrow", "permit": ["example.org"]})
        self.assertEqual(a.status, 201, a.text)
        self.assertIn("Permitted:\n                  DNS:example.org", self.text(a.json["issuing"], "-text"))
        self.refused(self.submit(authority="narrow"), 422, "submit.refused")
        fine = self.submit(self.csr("/CN=a.example.org", "DNS:a.example.org"), "narrow")
        self.assertEqual(fine.status, 201, fine.text)

    def test_under_another_authoritys_root(self):
        a = self.house.api("POST", "/cas", {"name": "second", "under": "house"})
        self.assertEqual(a.status, 201, a.text)
        self.issuing = self.write("second.pem", a.json["issuing"])
        self.assertTrue(self.verifies(self.submit(authority="second").json["certificate"])[0])

    def test_rollover_keeps_the_name_and_the_old_CA_its_list(self):
        a = self.house.api("POST", "/cas", {"name": "rolls"}).json
        old = self.submit(authority="rolls").json
        b = self.house.api("POST", "/cas/rolls/rollover")
        self.assertEqual(b.status, 200, b.text)
        self.assertNotEqual(a["issuing"], b.json["issuing"])
        new = self.submit(authority="rolls").json
        self.assertEqual(new["chain"][1], b.json["issuing"])
        self.assertEqual(self.house.api("POST", "/issued/revoke", {"serial": old["serial"]}).status, 200)
        was = [c for c in b.json["certificates"] if c["state"] == "retired"][0]
        self.assertIn(old["serial"].upper(),
                      openssl("crl", "-inform", "DER", "-noout", "-text", stdin=self.fetch(was["crl"])).decode())

    def test_retired_issues_no_more(self):
        self.house.api("POST", "/cas", {"name": "tired"})
        self.assertEqual(self.house.api("POST", "/cas/tired/retire").status, 200)
        self.assertEqual(self.submit(authority="tired").status, 404)
        self.refused(self.house.api("POST", "/cas/tired/retire"), 409, "ca.retired")

    def test_listed_by_name_and_the_certificates_behind_by_subject(self):
        listed = self.house.api("GET", "/cas").json["cas"]
        self.assertIn("house", [c["name"] for c in listed if "name" in c])
        self.assertTrue(all("name" in c or "subject" in c for c in listed))
        self.assertIn("house", [c["name"] for c in self.house.api("GET", "/authorities").json["authorities"]])

    def test_it_survives_a_restart(self):
        before = self.issue()
        self.house.restart()
        after = self.issue()
        self.assertTrue(self.verifies(after["certificate"])[0])
        self.assertEqual(self.house.api("GET", "/issued/" + before["serial"]).status, 200)


class Revocation(CaCase):
    def url(self, pem, what):
        return [l.split("URI:")[1] for l in self.text(pem, "-text").split("\n") if "URI:" in l and what in l][0]

    def crl(self, pem):
        return openssl("crl", "-inform", "DER", "-noout", "-text",
                       stdin=self.fetch(self.url(pem, "/crl/"))).decode()

    def ocsp(self, pem, *more):
        leaf = self.write("asked.pem", pem)
        r = subprocess.run(["openssl", "ocsp", "-issuer", self.issuing, "-cert", leaf, "-CAfile", self.root,
                            "-url", self.url(pem, "/ocsp/")] + list(more), capture_output=True, text=True)
        self.assertIn("Response verify OK", r.stdout + r.stderr)
        return r.stdout.split("\n")[0].split(": ")[1]

    def test_P6_once_revoke_answered_the_next_list_and_answer_say_so(self):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-out", os.path.join(self.dir, "others-have.pem"))
        csr = self.csr(key="others-have.pem")
        a = self.issue(csr)
        pem, serial = a["certificate"], a["serial"]
        self.assertNotIn(serial.upper(), self.crl(pem))
        self.assertEqual(self.ocsp(pem), "good")
        r = self.house.api("POST", "/issued/revoke", {"serial": serial, "reason": "keyCompromise"})
        self.assertEqual((r.status, r.json["state"], r.json["reason"]), (200, "revoked", "keyCompromise"), r.text)
        self.assertIn(serial.upper(), self.crl(pem))
        self.assertIn("Key Compromise", self.crl(pem))
        self.assertEqual(self.ocsp(pem), "revoked")
        self.house.restart()
        self.assertIn(serial.upper(), self.crl(pem))
        self.assertEqual(self.ocsp(pem), "revoked")
        # M36: a key that others have is certified no more
        self.refused(self.submit(csr), 422, "submit.refused")

    def of(self, name, role):
        return [c for c in self.house.api("GET", "/cas/" + name).json["certificates"] if c["role"] == role][0]

    def test_a_CA_that_is_revoked_issues_nothing_any_more(self):
        for name, role, reason in (("bad", "issuing", "cACompromise"), ("paused", "issuing", "certificateHold"),
                                   ("rotten", "root", "keyCompromise")):
            self.assertEqual(self.house.api("POST", "/cas", {"name": name}).status, 201)
            self.assertEqual(self.submit(authority=name).status, 201)
            r = self.house.api("POST", "/issued/revoke", {"serial": self.of(name, role)["serial"], "reason": reason})
            self.assertEqual(r.status, 200, r.text)
            self.assertEqual(self.house.api("GET", "/cas/" + name).json["state"], "retired")
            self.assertEqual(self.submit(authority=name).status, 404)
            self.assertIn(name, [e["detail"]["authority"] for e in self.events("ca.retire")])
        self.assertEqual(self.house.api("POST", "/cas/bad/rollover").status, 200)
        self.assertEqual(self.submit(authority="bad").status, 201)

    def test_P19_that_others_have_the_key_can_be_said_later(self):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-out", os.path.join(self.dir, "found-later.pem"))
        csr = self.csr(key="found-later.pem")
        a = self.issue(csr)
        body = {"serial": a["serial"], "reason": "superseded"}
        first = self.house.api("POST", "/issued/revoke", body).json["revoked"]
        self.refused(self.house.api("POST", "/issued/revoke", body), 409, "revoke.already")
        r = self.house.api("POST", "/issued/revoke", dict(body, reason="keyCompromise"))
        self.assertEqual((r.status, r.json["reason"], r.json["revoked"]), (200, "keyCompromise", first), r.text)
        self.assertIn("Key Compromise", self.crl(a["certificate"]))
        self.refused(self.submit(csr), 422, "submit.refused")
        self.refused(self.house.api("POST", "/issued/revoke", body), 409, "revoke.already")

    def test_P6_an_answer_given_again_ends_with_the_revocation(self):
        a = self.issue()
        url, leaf = self.url(a["certificate"], "/ocsp/"), self.write("again.pem", a["certificate"])
        request = openssl("ocsp", "-issuer", self.issuing, "-cert", leaf, "-no_nonce", "-reqout", "/dev/stdout")
        first = self.fetch(url, request)
        self.assertEqual(self.fetch(url, request), first) # the same bytes: it was signed once
        self.house.api("POST", "/issued/revoke", {"serial": a["serial"]})
        said = openssl("ocsp", "-respin", self.write("r.der", self.fetch(url, request)), "-text", "-noverify")
        self.assertIn(b"Cert Status: revoked", said)
        with_nonce = openssl("ocsp", "-issuer", self.issuing, "-cert", leaf, "-reqout", "/dev/stdout")
        self.assertNotEqual(self.fetch(url, with_nonce), self.fetch(url, with_nonce))

    def test_a_list_verifies_and_its_number_grows(self):
        a = self.issue()
        numbers = []
        for _ in range(2):
            der = self.fetch(self.url(a["certificate"], "/crl/"))
            said = subprocess.run(["openssl", "crl", "-inform", "DER", "-noout", "-CAfile", self.issuing,
                                   "-crlnumber"], input=der, capture_output=True).stdout.decode()
            numbers.append(int(said.split("=")[1], 16))
            self.house.api("POST", "/issued/revoke", {"serial": self.issue()["serial"]})
        self.assertLess(*numbers)
        self.assertFalse(self.verifies(self.issue()["certificate"], "-crl_check")[0])

    def test_by_serial_as_people_write_it_and_by_the_certificate(self):
        a = self.issue()
        colons = ":".join(a["serial"][i:i + 2] for i in range(0, len(a["serial"]), 2)).upper()
        self.assertEqual(self.house.api("POST", "/issued/revoke", {"serial": "00:" + colons}).status, 200)
        b = self.issue()
        r = self.house.api("POST", "/issued/revoke", {"certificate": b["certificate"], "reason": "superseded"})
        self.assertEqual((r.status, r.json["serial"]), (200, b["serial"]), r.text)

    def test_hold_and_release(self):
        a = self.issue()
        hold = {"serial": a["serial"], "reason": "certificateHold"}
        self.assertEqual(self.house.api("POST", "/issued/revoke", hold).json["state"], "held")
        self.assertEqual(self.ocsp(a["certificate"]), "revoked")
        self.refused(self.house.api("POST", "/issued/revoke", hold), 409, "revoke.already")
        self.assertEqual(self.house.api("POST", "/issued/release", {"serial": a["serial"]}).json["state"], "issued")
        self.assertEqual(self.ocsp(a["certificate"]), "good")
        self.refused(self.house.api("POST", "/issued/release", {"serial": a["serial"]}), 409, "release.not-held")

    def test_what_is_wrong_is_said(self):
        a = self.issue()
        for body, status, id_, field in (
                ({"serial": "xyz"}, 400, "serial.malformed", "serial"),
                ({"serial": "ab" * 21}, 400, "serial.malformed", "serial"), ({}, 400, "field.required", "serial"),
                ({"serial": "abcdef"}, 404, "not-found", None),
                ({"certificate": "nothing"}, 400, "certificate.der", "certificate"),
                ({"serial": a["serial"], "reason": "boredom"}, 400, "revoke.reason", "reason"),
                ({"serial": a["serial"], "reason": "removeFromCRL"}, 400, "revoke.reason", "reason"),
                ({"serial": a["serial"], "reason": "aACompromise"}, 400, "revoke.reason", "reason")):
            self.refused(self.house.api("POST", "/issued/revoke", body), status, id_, field)
        self.assertEqual(self.house.api("POST", "/issued/revoke", {"serial": a["serial"]}).status, 200)
        self.refused(self.house.api("POST", "/issued/revoke", {"serial": a["serial"]}), 409, "revoke.already")

    def test_a_certificate_of_the_same_serial_from_elsewhere_is_not_ours(self):
        a = self.issue()
        forged = openssl("req", "-x509", "-key", os.path.join(self.dir, "key.pem"), "-subj", "/CN=x",
                         "-set_serial", str(int(a["serial"], 16)))
        self.refused(self.house.api("POST", "/issued/revoke", {"certificate": forged.decode()}),
                     404, "not-found", "certificate")

    def test_ocsp_by_get_with_a_nonce_and_for_what_was_never_issued(self):
        a = self.issue()
        url = self.url(a["certificate"], "/ocsp/")
        leaf = self.write("l.pem", a["certificate"])
        request = openssl("ocsp", "-issuer", self.issuing, "-cert", leaf, "-no_nonce", "-reqout", "/dev/stdout")
        path = base64.b64encode(request).decode().replace("/", "%2F").replace("+", "%2B").replace("=", "%3D")
        for response in (self.fetch(url, request), self.fetch(url + "/" + path)):
            said = openssl("ocsp", "-respin", self.write("r.der", response), "-text", "-noverify").decode()
            self.assertIn("Cert Status: good", said)
            self.assertNotIn("Nonce", said)
        request = openssl("ocsp", "-issuer", self.issuing, "-serial", "0x1234", "-reqout", "/dev/stdout")
        said = openssl("ocsp", "-respin", self.write("r.der", self.fetch(url, request)), "-text",
                       "-noverify").decode()
        self.assertIn("Cert Status: unknown", said)
        self.assertIn("Nonce", said)

    def test_ocsp_for_another_CA_and_nonsense(self):
        url = self.url(self.issue()["certificate"], "/ocsp/")
        request = openssl("ocsp", "-issuer", self.root, "-serial", "0x1234", "-reqout", "/dev/stdout")
        said = openssl("ocsp", "-respin", self.write("r.der", self.fetch(url, request)), "-text",
                       "-noverify").decode()
        self.assertIn("Cert Status: unknown", said)
        for nonsense in (b"", b"\x30\x03\x02\x01\x01", b"\x30\x80", os.urandom(100)):
            said = subprocess.run(["openssl", "ocsp", "-respin",
                                   self.write("r.der", self.fetch(url, nonsense or b"\x00")), "-text", "-noverify"],
                                  capture_output=True, text=True)
            self.assertIn("malformedrequest", said.stdout + said.stderr)

    def from_elsewhere(self, path):
        c = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=10, source_address=("127.0.0.2", 0))
        with contextlib.closing(c):
            c.request("GET", path)
            return c.getresponse().status

    def test_P32_who_holds_the_plain_listener_holds_up_nobody_else(self):
        slow, crowd = socket.create_connection(("127.0.0.1", self.plain)), []
        slow.sendall(b"GET /crl/x HTTP/1.1\r\n")
        slow.settimeout(1)
        with contextlib.ExitStack() as stack:
            for _ in range(1400):
                crowd.append(stack.enter_context(socket.create_connection(("127.0.0.1", self.plain), 10)))
            open_files = len(os.listdir("/proc/%d/fd" % self.house.process.pid))
            self.assertLess(open_files, 1024 + 256, "some wait outside")
            self.assertEqual(self.house.request("GET", "/healthz").status, 200)
            # one source has its share; another does not notice
            crowd[-1].settimeout(10)
            self.assertEqual(crowd[-1].recv(1), b"")
            self.assertEqual(self.from_elsewhere("/crl/x"), 404)
            self.assertEqual(self.house.errors().count("127.0.0.1 has 512 connections"), 1)
            end = time.monotonic() + 40
            while time.monotonic() < end: # what trickles in moves nothing
                try:
                    slow.sendall(b"X: y\r\n")
                    if slow.recv(1) == b"":
                        break
                except TimeoutError:
                    continue
                except ConnectionError:
                    break
            self.assertLess(time.monotonic(), end, "it was let go on")
        url = [c for c in self.ca["certificates"] if c["role"] == "issuing"][0]["crl"]
        self.assertIn(b"house Issuing CA", self.fetch(url))

    def test_a_long_list_arrives_whole_when_the_connection_ends_with_it(self):
        url = [c for c in self.ca["certificates"] if c["role"] == "issuing"][0]["crl"]
        for version in ("1.0", "1.1"):
            with socket.create_connection(("127.0.0.1", self.plain), 10) as s:
                s.sendall(b"GET %s HTTP/%s\r\nHost: x\r\nConnection: close\r\n\r\n" % (
                    url[url.index("/crl/"):].encode(), version.encode()))
                got = b"".join(iter(lambda: s.recv(65536), b""))
            head, body = got.split(b"\r\n\r\n", 1)
            length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1)) if version == "1.1" else len(body)
            self.assertEqual(len(body), length)
            openssl("crl", "-inform", "DER", "-noout", stdin=body)

    def test_the_plain_listener_serves_nothing_else(self):
        base = "http://127.0.0.1:%d" % self.plain
        for path in ("/", "/components", "/api/v1/status", "/healthz", "/static/portal.css", "/crl/x.crl",
                     "/crl/%s.crl" % ("0" * 26), "/ocsp/", "/ca/../status"):
            with self.assertRaises(urllib.error.HTTPError) as e:
                self.fetch(base + path)
            self.assertIn(e.exception.code, (400, 404, 405), path)


class Inventory(CaCase):
    def test_M32_searched_by_name_serial_and_fingerprint(self):
        a = self.issue(self.csr("/CN=needle.example.com", "DNS:needle.example.com"))
        self.issue()
        fingerprint = self.text(a["certificate"], "-fingerprint", "-sha256").strip().split("=")[1].replace(":", "")
        for text in ("needle", "NEEDLE.example", a["serial"][:12], fingerprint[:20]):
            found = self.house.api("GET", "/issued?text=" + text).json["issued"]
            self.assertEqual([i["serial"] for i in found], [a["serial"]], text)
        self.assertEqual(self.house.api("GET", "/issued?text=nosuchname").json["issued"], [])

    def test_commands_beside_a_name_with_a_blank_can_be_pasted(self):
        self.assertEqual(self.house.api("POST", "/cas", {"name": "two words"}).status, 201)
        page = html.unescape(self.signed_in().get("/settings/security/ca/two%20words").text)
        self.assertIn("certwright ca show 'two words'\n", page)
        self.assertIn("/api/v1/cas/two%20words\n", page)

    def test_page_by_page(self):
        for _ in range(3):
            self.issue()
        one = self.house.api("GET", "/issued?limit=2").json
        self.assertEqual((len(one["issued"]), one["more"]), (2, True))
        two = self.house.api("GET", "/issued?limit=2&before=" + one["issued"][1]["id"]).json
        self.assertNotIn(two["issued"][0]["serial"], [i["serial"] for i in one["issued"]])


if __name__ == "__main__":
    tap.main()
