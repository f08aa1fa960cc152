"""The procedure over the API, against a CA made with OpenSSL; run on the
release-like build and under ASan."""

import base64
import re
import subprocess
import unittest

import tap
from ca import CA, openssl
from house import FIELDS, House

TYPES = ["rsa:2048", "rsa:3072", "rsa:4096", "ec:P-256", "ec:P-384", "ec:P-521", "ed25519"]


def items(answer):
    return {d["item"]: d for d in answer.json["dispositions"]}


class Procedure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ca = CA()
        cls.house = House()
        cls.house.admin()

    @classmethod
    def tearDownClass(cls):
        cls.house.close()
        cls.ca.close()

    def fresh(self, name, key="ec:P-256"):
        """An identity of its own with a key."""
        a = self.house.api("POST", "/identities", {"name": name})
        self.assertIn(a.status, (200, 201), a.text)
        if key:
            a = self.house.api("POST", "/identities/%s/keys" % name, {"type": key})
            self.assertIn(a.status, (200, 201), a.text)
        return name

    def csr(self, name, **fields):
        a = self.house.regenerate(name, **fields)
        self.assertIn(a.status, (200, 201), a.text)
        return a.json

    def test_V7_V11_the_fields_come_back_byte_for_byte(self):
        name = self.fresh("bytes")
        csr = self.csr(name, organization="Example Video, Inc.", unit="R&D", locality="São Paulo")
        subject = subprocess.run(
            ["openssl", "req", "-noout", "-subject", "-nameopt", "RFC2253,utf8,-esc_msb"],
            input=csr["pem"].encode(), capture_output=True).stdout.decode()
        for part in ("C=US", "ST=New Jersey", "L=São Paulo", "O=Example Video\\, Inc.", "OU=R&D",
                     "CN=portal.example.com", "emailAddress=pki@example.com"):
            self.assertIn(part, subject)

    def test_V13_OpenSSL_and_GnuTLS_verify_the_CSR_of_every_key_type(self):
        for key in TYPES:
            with self.subTest(key=key):
                name = self.fresh("type-" + key.replace(":", "-").lower(), key)
                csr = self.csr(name)["pem"].encode()
                r = subprocess.run(["openssl", "req", "-noout", "-verify"], input=csr,
                                   capture_output=True)
                self.assertIn("verify OK", (r.stdout + r.stderr).decode())
                r = subprocess.run(["certtool", "--crq-info"], input=csr, capture_output=True)
                self.assertIn("Self signature: verified", (r.stdout + r.stderr).decode())

    def test_V14_the_CSR_has_the_key_of_the_key_page(self):
        name = self.fresh("samekey")
        shown = self.house.api("GET", "/identities/%s/key" % name).json["public_key"]
        inside = openssl("req", "-pubkey", "-noout", stdin=self.csr(name)["pem"].encode()).decode()
        self.assertEqual(inside.strip(), shown.strip())

    def test_V10_each_missing_field_is_refused_at_its_field_and_nothing_is_saved(self):
        name = self.fresh("missing")
        for field in FIELDS:
            a = self.house.regenerate(name, **{field: ""})
            self.assertEqual(a.status, 400, field)
            self.assertEqual(a.json["field"], field, a.text)
            self.assertEqual(a.headers["Content-Type"], "application/problem+json")
        self.assertEqual(self.house.api("GET", "/identities/%s/requests" % name).json["requests"], [])
        shown = self.house.api("GET", "/identities/" + name).json
        self.assertFalse(shown["subject"].get("O"))

    def test_names_of_another_JSON_type_are_refused_and_not_left_out(self):
        before = self.house.api("GET", "/identities/portal/requests").json
        for names in ({"dns": "a.example.com"}, ["a.example.com", 1], 7,
                      ["n%d.example.com" % i for i in range(1001)]):
            a = self.house.regenerate(names=names)
            self.assertEqual((a.status, a.json.get("field")), (400, "names"), a.text[:300])
        self.assertEqual(self.house.api("GET", "/identities/portal/requests").json, before)

    def test_V8_V9_wrong_values_have_their_own_words(self):
        name = self.fresh("wrong")
        for field, value, pattern in (
                ("country", "UK", "GB"), ("country", "USA", "US"), ("country", "us", "US"),
                ("country", "XX", "ISO 3166"), ("common_name", "https://x.example.com", "URL"),
                ("common_name", "portal", "FQDN|fully"), ("common_name", "10.0.0.1", "IP"),
                ("common_name", "x.example.com:443", "port"),
                ("common_name", "a_b.example.com", "underscore"),
                ("common_name", "*.co.uk", "public suffix|co.uk"),
                ("common_name", "a.*.example.com", "wildcard"),
                ("organization", "bad\u202ename", "direction|bidi|U\\+202E"),
                ("organization", "x" * 65, "64"), ("locality", "a\u0007b", "control")):
            with self.subTest(field=field, value=value):
                a = self.house.regenerate(name, **{field: value})
                self.assertEqual(a.status, 400, a.text)
                self.assertEqual(a.json["field"], field)
                self.assertRegex(a.json["detail"] + a.json.get("hint", "") + a.json["title"], pattern)

    def test_V16_a_second_CSR_keeps_the_key_and_the_first(self):
        name = self.fresh("twice")
        one, two = self.csr(name, unit="One"), self.csr(name, unit="Two")
        self.assertEqual(one["spki_sha256"], two["spki_sha256"])
        listed = self.house.api("GET", "/identities/%s/requests" % name).json["requests"]
        self.assertEqual({r["id"] for r in listed}, {one["id"], two["id"]})

    def test_V17_no_key_no_CSR(self):
        name = self.fresh("nokey", None)
        a = self.house.regenerate(name)
        self.assertGreaterEqual(a.status, 400)
        self.assertIn("key", a.text)

    def test_V24_an_answer_to_an_older_generation_still_installs(self):
        name = self.fresh("older")
        csr = self.csr(name)
        self.house.api("POST", "/identities/%s/keys" % name, {"type": "ec:P-384"})
        self.csr(name)
        leaf = self.ca.sign(csr["pem"])
        a = self.house.install(leaf + self.ca.inter, identity=name)
        self.assertIn(a.status, (200, 201), a.text)
        self.assertEqual(a.json["request"]["id"], csr["id"])

    def answers(self, leaf):
        ca = self.ca
        mail = b"Dear customer,\r\n\r\n" + (ca.root + leaf + ca.inter).replace(b"\n", b"\r\n")
        quoted = b"".join(b"> " + line + b"\n" for line in (leaf + ca.inter).splitlines())
        import quopri
        qp = b"Content-Transfer-Encoding: quoted-printable\n\n" + quopri.encodestring(leaf + ca.inter)
        b64 = b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(leaf + ca.inter)
        import io
        import zipfile
        z = io.BytesIO()
        with zipfile.ZipFile(z, "w", zipfile.ZIP_DEFLATED) as f:
            f.writestr("inter.pem", leaf)
            f.writestr("server.crt", ca.root)
            f.writestr("x", ca.inter)
        return {
            "PEM": leaf + ca.inter, "reverse order with root": ca.root + ca.inter + leaf,
            "mail, CRLF": mail, "'>' quoting": quoted, "BOM": b"\xef\xbb\xbf" + leaf + ca.inter,
            "quoted-printable": qp, "base64 mail": b64, "ZIP, odd names": z.getvalue(),
            "PKCS#7 PEM": ca.pkcs7(leaf, ca.inter, ca.root),
            "PKCS#7 DER": ca.pkcs7(leaf, ca.inter, form="DER"),
        }

    def test_V30_V35_every_container_gives_the_same_chain(self):
        name = self.fresh("containers")
        leaf = self.ca.sign(self.csr(name)["pem"])
        want = [self.ca.der(p) for p in (leaf, self.ca.inter)]
        for what, data in self.answers(leaf).items():
            with self.subTest(what=what):
                a = self.house.check(data, identity=name)
                self.assertEqual(a.status, 200, a.text)
                self.assertEqual([self.ca.der(p.encode()) for p in a.json["chain"]], want)
        with self.subTest(what="three files with meaningless names"):
            a = self.house.check(("server.crt", self.ca.root), ("inter.pem", leaf),
                                 ("zzz", self.ca.der(self.ca.inter)), identity=name)
            self.assertEqual([self.ca.der(p.encode()) for p in a.json["chain"]], want)
        with self.subTest(what="PKCS#12"):
            p12 = self.ca.pkcs12(leaf, self.ca.inter, passphrase="secret")
            self.assertEqual(self.house.check(p12, identity=name).status, 400)
            self.assertEqual(self.house.check(p12, identity=name, passphrase="wrong").status, 400)
            a = self.house.check(p12, identity=name, passphrase="secret")
            self.assertEqual([self.ca.der(p.encode()) for p in a.json["chain"]], want)

    def test_V33_what_was_repaired_is_said(self):
        name = self.fresh("repairs")
        leaf = self.ca.sign(self.csr(name)["pem"])
        quoted = b"\xef\xbb\xbf" + b"".join(
            b"> " + line + b"\r\n" for line in leaf.splitlines())
        said = " ".join(self.house.check(quoted, identity=name).json["repairs"]).lower()
        for word in ("crlf", "byte order mark", "quot"):
            self.assertIn(word, said)

    def test_V36_a_missing_issuer_is_named_with_its_AIA(self):
        name = self.fresh("aia")
        other = CA("Stranger")
        a = self.house.check(other.sign(self.csr(name)["pem"]), identity=name)
        other.close()
        notes = " ".join(a.json["notes"])
        self.assertIn("Stranger TLS CA 1", notes)
        self.assertIn("http://ca.example/inter.cer", notes)

    def test_P5_a_damaged_copy_does_not_stand_in_the_way_of_the_genuine_one(self):
        other = CA("Elsewhere")
        self.addCleanup(other.close)
        name = self.fresh("elsewhere")
        leaf = other.sign(self.csr(name)["pem"])
        der = bytearray(openssl("x509", "-outform", "DER", stdin=leaf))
        der[-1] ^= 1  # of the signature; its issuer is not here to tell
        spoilt = openssl("x509", "-inform", "DER", stdin=bytes(der))
        a = self.house.install(spoilt, identity=name)
        self.assertEqual(a.status, 201, a.text)
        self.assertIn("the signature could not be checked", a.text)
        a = self.house.install(leaf, identity=name)
        self.assertEqual((a.status, a.json["id"]), (409, "certificate.other"), a.text)
        a = self.house.install(leaf + other.inter, identity=name)
        self.assertEqual(a.status, 201, a.text)
        shown = self.house.api("GET", "/certificates/%s/pem" % a.json["id"])
        self.assertIn(openssl("x509", stdin=leaf).decode().strip(), shown.text)
        a = self.house.install(spoilt, identity=name)
        self.assertEqual((a.status, a.json["id"]), (422, "install.breaking"), a.text)

    def test_the_sheet_names_each_wish_once_and_all_nine_members(self):
        name = self.fresh("sheet")
        csr = self.csr(name, names=["portal.example.com", "www.portal.example.com"])
        leaf = self.ca.sign(csr["pem"], names=["DNS:portal.example.com", "DNS:www.portal.example.com",
                                               "DNS:extra.example.com"], subject="/CN=portal.example.com")
        a = self.house.check(leaf + self.ca.inter, identity=name)
        self.assertEqual(a.json["verdict"], "harmless", a.text)
        listed = [d["item"] for d in a.json["dispositions"]]
        self.assertEqual(len(listed), len(set(listed)))
        d = items(a)
        self.assertEqual(d["subject.O"]["outcome"], "dropped")
        self.assertEqual(d["subject.O"]["weight"], "harmless")
        self.assertEqual(d["san.dns:extra.example.com"]["outcome"], "added")
        self.assertEqual(d["san.dns:portal.example.com"]["outcome"], "granted")
        nine = {"item", "asked", "granted", "outcome", "weight", "rule", "reason", "reference", "set_by"}
        for entry in a.json["dispositions"]:
            self.assertEqual(set(entry), nine)
            if entry["outcome"] != "granted":
                self.assertTrue(entry["rule"] and entry["reason"] and entry["reference"], entry)

    def test_breaking_answers_are_refused_and_served_is_untouched(self):
        name = self.fresh("breaking")
        csr = self.csr(name, names=["portal.example.com", "www.portal.example.com"])
        cases = {
            "missing name": dict(names=["DNS:portal.example.com"]),
            "no serverAuth": dict(eku="clientAuth"),
            "a CA certificate": dict(ca=True),
        }
        for what, how in cases.items():
            with self.subTest(what=what):
                leaf = self.ca.sign(csr["pem"], **how)
                a = self.house.check(leaf + self.ca.inter, identity=name)
                self.assertEqual(a.json["verdict"], "breaking", a.text)
                a = self.house.install(leaf + self.ca.inter, identity=name)
                self.assertEqual(a.status, 422, a.text)
        self.assertEqual(self.house.api("GET", "/identities/%s/certificates" % name).json["certificates"], [])

    def test_an_override_needs_a_reason_and_never_takes_another_key(self):
        name = self.fresh("override")
        csr = self.csr(name, names=["portal.example.com", "www.portal.example.com"])
        leaf = self.ca.sign(csr["pem"], names=["DNS:portal.example.com"])
        a = self.house.install(leaf + self.ca.inter, identity=name, override="the CA takes a day")
        self.assertIn(a.status, (200, 201), a.text)
        found = self.house.api("GET", "/audit?text=the+CA+takes+a+day").json
        self.assertTrue(found["events"], "the reason is recorded")
        other = self.ca.sign(openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
                                     "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                                     self.ca.path("o.key"), "-subj", "/CN=portal.example.com"))
        a = self.house.install(other + self.ca.inter, identity=name, override="no")
        self.assertGreaterEqual(a.status, 400)
        self.assertRegex(a.text, "key")

    def test_two_certificates_for_the_same_key_in_one_answer_are_refused(self):
        name = self.fresh("two")
        csr = self.csr(name)["pem"]
        a = self.house.check(self.ca.sign(csr), self.ca.sign(csr), identity=name)
        self.assertEqual((a.status, a.json["id"]), (400, "chain.two-for-the-key"), a.text)
        for serial in (self.ca.serial - 1, self.ca.serial):
            self.assertIn("serial %04x" % serial, a.json["detail"], "their names are the same")

    def test_install_and_roll_back_swap_what_is_served(self):
        first = self.house.served()
        self.house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        leaf = self.ca.sign(self.csr("portal")["pem"])
        a = self.house.install(leaf + self.ca.inter)
        self.assertIn(a.status, (200, 201), a.text)
        self.assertEqual(self.house.served(), self.ca.der(leaf))
        a = self.house.api("POST", "/identities/portal/rollback", {"reason": "test"})
        self.assertEqual(a.status, 200, a.text)
        self.assertEqual(self.house.served(), first, "the self-signed one, under its own key")
        a = self.house.api("POST", "/identities/portal/rollback", {})
        self.assertEqual(self.house.served(), self.ca.der(leaf), "and forth again")

    def test_V22_keys_in_every_form_are_imported(self):
        forms = {
            "PKCS8": lambda k: k,
            "PKCS1": lambda k: openssl("pkey", "-traditional", stdin=k),
            "DER": lambda k: openssl("pkey", "-outform", "DER", stdin=k),
            "encrypted": lambda k: openssl("pkcs8", "-topk8", "-passout", "pass:secret", stdin=k),
        }
        for n, (what, convert) in enumerate(forms.items()):
            for alg in (["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                        ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]):
                with self.subTest(what=what, algorithm=alg[1]):
                    name = self.fresh("import-%s-%s" % (what.lower(), alg[1].lower()), None)
                    key = openssl("genpkey", *alg)
                    body = {"file": base64.b64encode(convert(key)).decode()}
                    if what == "encrypted":
                        a = self.house.api("POST", "/identities/%s/keys/import" % name, body)
                        self.assertEqual(a.status, 400)
                        self.assertIn("passphrase", a.text)
                        a = self.house.api("POST", "/identities/%s/keys/import" % name,
                                           dict(body, passphrase="wrong"))
                        self.assertEqual(a.status, 400)
                        body["passphrase"] = "secret"
                    a = self.house.api("POST", "/identities/%s/keys/import" % name, body)
                    self.assertIn(a.status, (200, 201), a.text)
                    self.assertEqual(a.json["public_key"].strip(),
                                     openssl("pkey", "-pubout", stdin=key).decode().strip())
                    again = self.house.api("POST", "/identities/%s/keys/import" % name, body)
                    self.assertEqual(again.status, 409, again.text)

    def test_wrong_things_imported_as_a_key_have_their_own_words(self):
        name = self.fresh("wrongkeys", None)
        key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        cases = {
            "public key": (openssl("pkey", "-pubout", stdin=key), "public"),
            "certificate": (self.ca.root, "certificate"),
            "weak": (openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"), "1024|2048"),
            "nothing": (b"hello", "no private key"), "empty": (b"", "empty"),
        }
        for what, (data, pattern) in cases.items():
            with self.subTest(what=what):
                a = self.house.api("POST", "/identities/%s/keys/import" % name,
                                   {"file": base64.b64encode(data).decode()})
                self.assertEqual(a.status // 100, 4, a.text)
                self.assertRegex(a.text, pattern)
        self.assertEqual(self.house.api("GET", "/identities/%s/keys" % name).json["keys"], [])

    def test_M34_only_an_exportable_key_is_exported(self):
        name = self.fresh("export", None)
        a = self.house.api("POST", "/identities/%s/keys" % name, {"type": "ec:P-256"}).json
        b = self.house.api("POST", "/identities/%s/keys" % name,
                           {"type": "ec:P-256", "exportable": True}).json
        r = self.house.api("POST", "/keys/%s/export" % a["id"], {"passphrase": "x" * 12})
        self.assertEqual(r.status, 403, r.text)
        r = self.house.api("POST", "/keys/%s/export" % b["id"], {"passphrase": "x" * 12})
        self.assertEqual(r.status, 200, r.text)
        public = openssl("pkey", "-passin", "pass:" + "x" * 12, "-pubout", stdin=r.json["pem"].encode())
        self.assertEqual(public.decode().strip(), b["public_key"].strip())

    def test_P16_a_destroyed_key_is_gone(self):
        name = self.fresh("destroy", None)
        a = self.house.api("POST", "/identities/%s/keys" % name, {"type": "ec:P-256"}).json
        self.assertIn(self.house.api("DELETE", "/keys/" + a["id"]).status, (200, 204))
        self.assertGreaterEqual(self.house.regenerate(name).status, 400)

    def test_csr_check_lists_every_wish_once(self):
        csr = openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", self.ca.path("w.key"),
                      "-subj", "/C=US/O=Example/CN=a.example.com/emailAddress=x@example.com",
                      "-addext", "subjectAltName=DNS:a.example.com,DNS:b.example.com,IP:192.0.2.1,"
                      "URI:https://a.example.com/,email:x@example.com,otherName:1.2.3.4;UTF8:hello",
                      "-addext", "keyUsage=digitalSignature", "-addext", "extendedKeyUsage=serverAuth",
                      "-addext", "1.2.3.5=ASN1:UTF8String:odd")
        a = self.house.request("POST", "/api/v1/csr/check", csr, {"Content-Type": "application/pkcs10"},
                               unix=True)
        self.assertEqual(a.status, 200, a.text)
        listed = [d["item"] for d in a.json["dispositions"]]
        self.assertEqual(len(listed), len(set(listed)), listed)
        for item in ("subject.C", "subject.O", "subject.CN", "subject.emailAddress", "san.dns:a.example.com",
                     "san.dns:b.example.com", "san.ip:192.0.2.1", "san.email:x@example.com",
                     "san.uri:https://a.example.com/", "san.1.2.3.4:hello", "key", "key.size", "signature",
                     "ku.digitalSignature", "eku.serverAuth", "ext.1.2.3.5"):
            self.assertIn(item, listed)

    def test_a_CSR_with_a_broken_signature_is_refused_in_the_sheet(self):
        name = self.fresh("proof")
        der = bytearray(openssl("req", "-outform", "DER", stdin=self.csr(name)["pem"].encode()))
        der[-3] ^= 1
        a = self.house.request("POST", "/api/v1/csr/check", bytes(der),
                               {"Content-Type": "application/pkcs10"}, unix=True)
        self.assertEqual(a.json["verdict"], "refuse", a.text)

    def test_M24_the_OpenAPI_document_names_every_API_route(self):
        a = self.house.api("GET", "/openapi.json")
        self.assertTrue(a.json["openapi"].startswith("3."))
        for path in ("/identities/{identity}/requests", "/csr/check", "/audit/export", "/tokens"):
            self.assertTrue(any(re.sub(r"{\w+}", "{}", p).endswith(re.sub(r"{\w+}", "{}", path))
                                for p in a.json["paths"]), path)


if __name__ == "__main__":
    tap.main()
