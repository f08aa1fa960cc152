"""Server CA Certificates: known here, added, removed."""

import base64
import hashlib
import io
import zipfile

import tap
from ca import CA, openssl
from case import Case
from house import Browser

PAGE = "/settings/security/ca-certificates"


class Base(Case):
    def setUp(self):
        self.ca = CA()
        self.addCleanup(self.ca.close)
        self.addCleanup(self.forget)

    def forget(self):
        for t in self.listed():
            self.house.api("DELETE", "/trust/" + t["id"])

    def listed(self):
        a = self.house.api("GET", "/trust")
        self.assertEqual(a.status, 200, a.text)
        return a.json["trust"]

    def add(self, data, **more):
        return self.house.api("POST", "/trust",
                              dict(more, content=base64.b64encode(data).decode()))

    def sha256(self, pem):
        return hashlib.sha256(self.ca.der(pem)).hexdigest()


class Trust(Base):
    def weak(self):
        key = self.ca.path("weak.key")
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", key)
        return openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=Weak Root", "-days", "10",
                       "-addext", "basicConstraints=critical,CA:TRUE")

    def test_V38_each_container_gives_the_CA_certificates_in_it(self):
        z = io.BytesIO()
        with zipfile.ZipFile(z, "w") as f:
            f.writestr("a.crt", self.ca.root)
            f.writestr("b", self.ca.der(self.ca.inter))
        mail = ("> Dear customer,\r\n> " + self.ca.root.decode().replace("\n", "\r\n> ") +
                self.ca.inter.decode().replace("\n", "\r\n> ")).encode()
        both = {self.sha256(self.ca.root): "root", self.sha256(self.ca.inter): "intermediate"}
        cases = {
            "PEM": self.ca.inter + self.ca.root, "mail": mail,
            "PKCS#7": self.ca.pkcs7(self.ca.root, self.ca.inter, form="DER"), "ZIP": z.getvalue(),
        }
        for what, data in cases.items():
            with self.subTest(what):
                a = self.add(data)
                self.assertEqual(a.status, 201, a.text)
                self.assertEqual({t["sha256"]: t["kind"] for t in a.json["trust"]}, both)
                self.assertEqual({t["sha256"]: t["kind"] for t in self.listed()}, both)
                self.forget()
        a = self.add(self.ca.der(self.ca.root))
        self.assertEqual(len(a.json["trust"]), 1, "DER")

    def test_the_list_has_what_a_person_wants_to_know(self):
        self.add(self.ca.inter)
        t = self.listed()[0]
        self.assertEqual(set(t), {"id", "kind", "subject", "issuer", "serial", "not_before",
                                  "not_after", "days_left", "origin", "sha256", "used_by", "anchors"})
        self.assertIn("Example TLS CA 1", t["subject"])
        self.assertIn("Example Root R1", t["issuer"])
        self.assertIn(t["days_left"], (3649, 3650))
        self.assertEqual((t["origin"], t["used_by"]), ("added", []))
        serial = openssl("x509", "-noout", "-serial", stdin=self.ca.inter).decode().strip()
        self.assertEqual(int(t["serial"], 16), int(serial.split("=")[1], 16))

    def test_what_is_here_already_is_fine_and_said(self):
        self.add(self.ca.root)
        a = self.add(self.ca.root + self.ca.inter)
        self.assertEqual(a.status, 201, a.text)
        self.assertEqual([t["sha256"] for t in a.json["trust"]], [self.sha256(self.ca.inter)])
        self.assertTrue(any("was here already" in n for n in a.json["notes"]), a.json["notes"])
        self.assertEqual(len(self.listed()), 2)

    def test_refused_files_add_nothing(self):
        leaf_key = self.ca.new_key("leaf.key")
        leaf = self.ca.sign(openssl("req", "-new", "-key", leaf_key, "-subj", "/CN=a.example.com"))
        with open(leaf_key, "rb") as f:
            key = f.read()
        cases = {
            "an end-entity": (self.ca.inter + leaf, 400, "trust.not-ca"),
            "a weak key": (self.ca.inter + self.weak(), 400, "key.too-small"),
            "prose": (b"hello", 400, "bundle.none"), "nothing": (b"", 400, "field.required"),
            "a private key": (key, 400, "bundle.private-key"),
        }
        for what, (data, status, refusal) in cases.items():
            with self.subTest(what):
                a = self.add(data)
                self.assertEqual((a.status, a.json["id"]), (status, refusal), a.text)
                self.assertEqual(a.json["field"], "content")
                self.assertEqual(self.listed(), [])
        a = self.house.api("POST", "/trust", {"content": "not base64!"})
        self.assertEqual((a.status, a.json["id"]), (400, "text.base64"), a.text)

    def test_PKCS12_wants_its_passphrase(self):
        p12 = self.ca.pkcs12(self.ca.inter, self.ca.root, passphrase="secret")
        a = self.add(p12)
        self.assertEqual((a.status, a.json["field"]), (400, "passphrase"), a.text)
        self.assertEqual(self.add(p12, passphrase="wrong").status, 400)
        a = self.add(p12, passphrase="secret")
        self.assertEqual((a.status, len(a.json["trust"])), (201, 2), a.text)

    def test_download_and_removal_by_id(self):
        self.add(self.ca.root)
        t = self.listed()[0]
        a = self.house.api("GET", "/trust/%s/pem" % t["id"])
        self.assertEqual(a.body.strip(), openssl("x509", stdin=self.ca.root).strip())
        self.assertIn("attachment", a.headers["Content-Disposition"])
        self.assertEqual(self.house.api("DELETE", "/trust/" + t["id"]).status, 200)
        self.assertEqual(self.listed(), [])
        for method, path in (("DELETE", "/trust/" + t["id"]), ("GET", "/trust/%s/pem" % t["id"])):
            self.assertEqual(self.house.api(method, path).status, 404)

    def test_P28_both_acts_are_in_the_audit(self):
        self.add(self.ca.root)
        t = self.listed()[0]
        self.house.api("DELETE", "/trust/" + t["id"])
        events = self.house.api("GET", "/audit?text=trust.").json["events"]
        self.assertEqual([e["action"] for e in events[:2]], ["trust.remove", "trust.add"])
        self.assertEqual({e["object"] for e in events[:2]}, {t["id"]})
        self.add(b"hello")
        self.assertEqual(self.house.api("GET", "/audit?text=trust.").json["events"][0]["outcome"],
                         "bundle.none")

    def test_the_page_without_scripts(self):
        b = Browser(self.house)
        b.sign_in()
        page = b.get(PAGE)
        self.assertIn("<h1>Server CA Certificates</h1>", page.text)
        self.assertIn("None is known yet", page.text)
        done = b.post(PAGE, {"content": "prose\n" + self.ca.root.decode()}, page)
        self.assertEqual(done.status, 200, done.text)
        for words in ("Added", "Example Root R1", "nobody"):
            self.assertIn(words, done.text)
        self.assertRegex(done.text, "in (9|10) years")
        again = b.post(PAGE, {"content": self.ca.root.decode()}, page)
        self.assertIn("was here already", again.text)
        wrong = b.post(PAGE, {"content": "hello <b>"}, page)
        self.assertEqual(wrong.status, 400)
        self.assertIn('id="e-content"', wrong.text)
        self.assertIn("hello &lt;b&gt;</textarea>", wrong.text)
        gone = b.post(PAGE + "/%s/remove" % self.listed()[0]["id"], {}, page)
        self.assertEqual(gone.status, 200)
        self.assertIn("None is known yet", gone.text)

    def test_a_chosen_file_is_taken_whatever_its_name(self):
        b = Browser(self.house)
        b.sign_in()
        page = b.get(PAGE)

        def send(name, data):
            parts = [b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + b.csrf(page).encode(),
                     b'\r\n--x\r\nContent-Disposition: form-data; name="content"\r\n\r\n',
                     b'\r\n--x\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n'
                     % name + data, b"\r\n--x--\r\n"]
            return b.go("POST", PAGE, b"".join(parts),
                        {"Content-Type": "multipart/form-data; boundary=x"})
        a = send(b"picture.jpg", self.ca.der(self.ca.root))
        self.assertEqual(a.status, 200, a.text)
        self.assertEqual([t["sha256"] for t in self.listed()], [self.sha256(self.ca.root)])
        a = send(b"root.pem", b"hello")
        self.assertEqual(a.status, 400)
        self.assertIn('id="e-files"', a.text)


class Chains(Base):
    """What stands in a chain that is served."""

    def installed(self, name):
        self.assertEqual(self.house.api("POST", "/identities", {"name": name}).status, 201)
        self.house.api("POST", "/identities/%s/keys" % name, {"type": "ec:P-256"})
        csr = self.house.regenerate(name).json["pem"]
        a = self.house.install(self.ca.sign(csr) + self.ca.inter + self.ca.root, identity=name)
        self.assertEqual(a.status, 201, a.text)

    def test_V38_an_installed_chain_stays_and_says_who_uses_it(self):
        self.installed("chain-of")
        known = self.listed()
        self.assertEqual([t["sha256"] for t in known], [self.sha256(self.ca.inter)])
        self.assertEqual((known[0]["origin"], known[0]["used_by"]), ("answer", ["chain-of"]))
        a = self.house.api("DELETE", "/trust/" + known[0]["id"])
        self.assertEqual((a.status, a.json["id"]), (409, "trust.in-use"), a.text)
        self.assertIn("chain-of", a.json["detail"])
        self.add(self.ca.root)
        root = [t for t in self.listed() if t["kind"] == "root"][0]
        self.assertEqual((root["used_by"], root["anchors"]), ([], ["chain-of"]))
        self.assertEqual(self.house.api("DELETE", "/trust/" + root["id"]).status, 200)
        b = Browser(self.house)
        b.sign_in()
        refused = b.post(PAGE + "/%s/remove" % known[0]["id"], {}, b.get(PAGE))
        self.assertEqual(refused.status, 409)
        self.assertIn("It is in the chain that chain-of serves", refused.text)
        self.assertIn("<h1>Server CA Certificates</h1>", refused.text)

    def test_what_is_known_completes_the_next_answer(self):
        self.add(self.ca.root + self.ca.inter)
        self.house.api("POST", "/identities", {"name": "leaf-only"})
        self.house.api("POST", "/identities/leaf-only/keys", {"type": "ec:P-256"})
        csr = self.house.regenerate("leaf-only").json["pem"]
        a = self.house.check(self.ca.sign(csr), identity="leaf-only")
        self.assertEqual(len(a.json["chain"]), 2, a.text)
        self.assertFalse([n for n in a.json["notes"] if "must trust" in n], a.json["notes"])


if __name__ == "__main__":
    tap.main()
