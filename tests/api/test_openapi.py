"""The API's document is true: every operation is asked, and its answer has
the shape that the document says (M24)."""

import base64
import hashlib
import json
import os
import re
import subprocess
import time
import unittest

import tap
from ca import CA, openssl
from house import BUILD, FIELDS, PASSWORD, TOP, Browser, House, free_port
from outside import TXT, Names
from person import Person, code_of
from tenant import Tenant
from servers import Folder, wait_until

PREFIX = "/api/v1"
TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict,
         "null": type(None)}


def faults(document, schema, value, where="answer"):
    """What of a value does not fit its schema; members must be declared."""
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].split("/")[1:]:
            target = target[part]
        return faults(document, target, value, where)
    if "anyOf" in schema:
        all_ = [faults(document, s, value, where) for s in schema["anyOf"]]
        return [] if [] in all_ else all_[0]
    kinds = schema.get("type", list(TYPES))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(type(value) is TYPES[k] for k in kinds):
        return ["%s is %r, not %s" % (where, value, kinds)]
    if schema.get("format") == "date-time" and isinstance(value, str) and \
            not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
        return ["%s is no time: %s" % (where, value)]
    bad = []
    if isinstance(value, list) and "items" in schema:
        for i, v in enumerate(value):
            bad += faults(document, schema["items"], v, "%s[%d]" % (where, i))
    if isinstance(value, dict) and "properties" in schema:
        for name in set(schema.get("required", [])) - set(value):
            bad.append("%s lacks %s" % (where, name))
        for name, v in value.items():
            if name not in schema["properties"]:
                bad.append("%s has %s, undeclared" % (where, name))
            else:
                bad += faults(document, schema["properties"][name], v, "%s.%s" % (where, name))
    return bad


class Document(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ca = CA()
        cls.names = Names()
        cls.host = Folder()
        targets = cls.host.write("targets", "[web]\nkind = files\ncombined = %s\n" %
                                 cls.host.file("web.pem"))
        cls.house = House(options=["--resolver", cls.names.address, "--targets", targets,
                                   "--listen", "127.0.0.1:%d" % free_port()])
        cls.house.admin()
        cls.document = cls.house.api("GET", "/openapi.json").json
        cls.asked = set()

    @classmethod
    def tearDownClass(cls):
        cls.house.close()
        cls.ca.close()
        cls.host.close()

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield method.upper(), path, operation

    def operation(self, method, path):
        path = path.split("?")[0]
        for m, pattern, operation in self.operations():
            if m == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path):
                self.asked.add((method, pattern))
                return operation
        self.fail("%s %s is not in the document" % (method, path))

    def judge(self, method, path, answer, status=None):
        operation = self.operation(method, path)
        responses = operation["responses"]
        kind = answer.headers["Content-Type"].split(";")[0]
        what = "%s %s: %d %s" % (method, path, answer.status, answer.text[:200])
        response = responses.get(str(answer.status), responses.get("default"))
        self.assertIsNotNone(response, what)
        if "$ref" in response:
            response = self.document["components"]["responses"]["problem"]
        if status is None:
            self.assertIn(str(answer.status), responses, what)
        else:
            self.assertEqual(answer.status, status, what)
        self.assertIn(kind, response["content"], what)
        if "schema" in response["content"][kind]:
            self.assertEqual(faults(self.document, response["content"][kind]["schema"], answer.json),
                             [], what)
        return answer.json if "json" in kind and "ndjson" not in kind else answer

    def ask(self, method, path, body=None, status=None, headers=None):
        """As the owner of a token, or (without one yet) over the socket."""
        a = self.house.request(method, PREFIX + path, json_body=body, headers=headers,
                               unix=headers is None)
        return self.judge(method, PREFIX + path, a, status)

    def test_every_operation_is_described(self):
        ids = []
        for method, path, operation in self.operations():
            what = "%s %s" % (method, path)
            self.assertTrue(operation["summary"], what)
            self.assertTrue({"200", "201", "202"} & set(operation["responses"]), what)
            if path == "/healthz":
                continue
            ids.append(operation["operationId"])
            self.assertIn("default", operation["responses"], what)
            named = [p["name"] for p in operation["parameters"] if p.get("in") == "path"]
            self.assertEqual(named, re.findall(r"{(\w+)}", path), what)
            refs = re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(operation))
            for ref in refs:
                at = self.document
                for part in ref.split("/"):
                    at = at[part]
        self.assertEqual(len(ids), len(set(ids)))
        dump = subprocess.run([os.path.join(BUILD, "certwrightd"), "--dump-routes"],
                              capture_output=True, check=True).stdout
        self.assertEqual({(r["method"], r["api_path"]) for r in json.loads(dump) if r["api_path"]},
                         {(m, p) for m, p, _ in self.operations() if p != "/healthz"})

    def test_every_answer_has_its_shape(self):
        self.people()
        self.procedure()
        self.rest()
        self.own_authority()
        self.own_account()
        self.custodians()
        self.judge("GET", "/healthz", self.house.request("GET", "/healthz"))
        missed = {(m, p) for m, p, _ in self.operations()} - self.asked
        self.assertEqual(missed, set())

    def test_what_is_required_is_refused_when_missing(self):
        for method, path, operation in self.operations():
            schema = operation.get("requestBody", {}).get("content", {}).get(
                "application/json", {}).get("schema", {})
            if not schema.get("required"):
                continue
            at = re.sub(r"{\w+}", "portal", path)
            a = self.house.request(method, at, json_body={}, unix=True)
            problem = self.judge(method, at, a, 400)
            self.assertEqual((problem["id"], problem["field"]),
                             ("field.required", schema["required"][0]), path)

    def people(self):
        self.ask("GET", "/accounts")
        self.ask("POST", "/accounts", {"name": "two", "email": "two@example.com", "password": PASSWORD})
        for act in ("disable", "enable", "reset-totp"):
            self.ask("POST", "/accounts/two/" + act)
        self.ask("POST", "/accounts/two/password", {"password": "Ganz-Anders-und-lang-81!"})
        self.ask("GET", "/accounts/two")
        self.ask("DELETE", "/accounts/two")
        self.ask("GET", "/accounts/two", status=404)
        self.ask("POST", "/accounts", {"name": "x y", "email": "x"}, status=400)
        self.ask("POST", "/accounts/invite", {"name": "four", "email": "four@example.com"})
        self.ask("POST", "/tenants", {"name": "acme", "contact": "it@acme.example"})
        self.ask("PUT", "/tenants/acme", {"max_requests": 20})
        self.ask("GET", "/tenants/acme")
        self.ask("GET", "/tenants?text=a&limit=5")
        self.ask("PUT", "/notify/server", {"host": "localhost", "tls": "none", "from": "a@example.com"})
        self.ask("PUT", "/notify", {"addresses": "a@example.com", "minutes": 1440})
        self.ask("GET", "/notify")
        self.ask("POST", "/notify/test")
        self.ask("PUT", "/notify/server", {"host": ""})
        self.ask("PUT", "/names/base", {"domain": "vc.example.com"})
        self.ask("GET", "/names?text=acme")
        self.house.api("POST", "/t/acme/names", {"name": "acme.example"})
        self.tenants_names()
        self.ask("GET", "/names/plan?authority=private")
        self.ask("POST", "/names/plan", dict({k: v for k, v in FIELDS.items() if k != "common_name"},
                                             authority="private", strategy="wildcard"))
        self.ask("PUT", "/names/base", {"domain": ""})
        self.ask("POST", "/tenants/acme/suspend", {"reason": "unpaid"})
        self.ask("POST", "/tenants/acme/resume")
        self.ask("POST", "/tenants/acme/delete", {"confirm": "acme"})
        self.ask("GET", "/password-policy")
        self.ask("PUT", "/password-policy", {"expiry_days": 1, "inactivity_days": 2, "max_failures": 3})
        self.ask("POST", "/password-policy/default")
        made = self.ask("POST", "/backups")
        self.ask("GET", "/backups")
        self.ask("GET", "/backups/" + made["name"])
        self.ask("POST", "/backups/%s/verify" % made["name"])
        self.ask("GET", "/bundles")
        self.ask("DELETE", "/backups/" + self.ask("POST", "/bundles")["name"])
        self.ask("GET", "/bundles")
        self.ask("POST", "/backups/%s/restore" % made["name"])
        self.ask("GET", "/backups")
        self.ask("POST", "/restore/cancel")
        self.ask("DELETE", "/backups/" + made["name"])
        self.ask("PUT", "/banners", {"welcome": "Be careful."})
        self.ask("GET", "/banners")
        self.ask("GET", "/account/welcome")
        self.ask("GET", "/applications/redirect")
        self.ask("PUT", "/applications/redirect", {"port": 0})
        self.ask("GET", "/applications/hsts")
        self.ask("PUT", "/applications/hsts", {"days": 30, "subdomains": True})
        self.ask("GET", "/applications/access")
        self.ask("PUT", "/applications/access", {"admin": "all"})
        self.house.api("PUT", "/applications/access", {"super": ["127.0.0.1:%d" % self.house.port]})
        self.ask("POST", "/applications/access/revert")
        self.house.api("PUT", "/applications/access", {"super": ["127.0.0.1:%d" % self.house.port]})
        self.ask("POST", "/applications/access/confirm")
        self.ask("GET", "/license")
        self.ask("PUT", "/license", {"content": "eA=="}, status=409)
        made = self.ask("POST", "/tokens", {"days": 1})
        self.ask("GET", "/tokens")
        self.ask("DELETE", "/tokens/" + made["id"])

    def tenants_names(self):
        """Operations of a tenant only, under its own address."""
        for method, path, body in (("POST", "/names", {"name": "b.example"}), ("GET", "/names", None),
                                   ("DELETE", "/names/b.example", None)):
            a = self.house.api(method, "/t/acme" + path, body)
            self.judge(method, PREFIX + path, a)
        claims = Tenant(self.house, "claims")
        claim = claims.api("POST", "/names", {"name": "own.example"})
        self.judge("POST", PREFIX + "/names", claim)
        self.names.put(claim.json["record"], TXT, claim.json["token"])
        for method, path, body in (("POST", "/names/own.example/verify", {"method": "dns"}), ("GET", "/names", None)):
            self.judge(method, PREFIX + path, claims.api(method, path, body))

    def procedure(self):
        self.ask("POST", "/identities", {"name": "shop"})
        self.ask("POST", "/identities", {"name": "empty"})
        self.ask("DELETE", "/identities/empty")
        key = self.ask("POST", "/identities/portal/keys", {"type": "ec:P-256", "exportable": True})
        pem = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").decode()
        other = self.ask("POST", "/identities/shop/keys/import", {"text": pem})
        self.ask("POST", "/keys/%s/export" % key["id"], {"passphrase": "a long passphrase"})
        self.ask("POST", "/keys/%s/export" % key["id"], {"passphrase": "a long passphrase", "format": "pkcs12"})
        for path in ("/identities", "/identities/portal", "/identities/portal/key",
                     "/identities/portal/keys", "/keys/" + key["id"], "/import-key"):
            self.ask("GET", path)
        self.ask("POST", "/keys/%s/compromised" % other["id"], {"note": "a test"})
        public = openssl("pkey", "-pubout", stdin=openssl("genpkey", "-algorithm", "ED25519")).decode()
        self.ask("POST", "/compromised-keys", {"pem": public})
        self.ask("DELETE", "/keys/" + other["id"])
        self.ask("POST", "/identities", {"name": "stolen"})
        self.ask("POST", "/identities/stolen/keys", {"type": "ec:P-256"})
        self.ask("POST", "/identities/stolen/requests", FIELDS)
        self.ask("POST", "/identities/stolen/replacement", {"note": "a test"}, 202)
        self.ask("GET", "/identities/stolen/replacement")
        self.ask("PUT", "/csr-fields", {"organization": FIELDS["organization"], "locked": ["organization"]})
        self.ask("GET", "/csr-fields")
        self.ask("PUT", "/csr-fields", {"organization": "", "locked": []})
        request = self.ask("POST", "/identities/portal/requests", dict(FIELDS, names=["b.example.com"]))
        for path in ("/identities/portal/request", "/identities/portal/requests",
                     "/requests/%(id)s", "/requests/%(id)s/pem", "/requests/%(id)s/der"):
            self.ask("GET", path % request)
        self.ask("POST", "/csr/check", {"csr": request["pem"]})
        self.ask("POST", "/csr/preview", {"csr": request["pem"], "authority": "letsencrypt"})
        sent = self.ask("POST", "/authorities/private/requests", {"csr": request["pem"], "days": 30})
        for path in ("/submissions", "/submissions/" + sent["id"]):
            self.ask("GET", path)
        self.ask("POST", "/submissions/%s/link" % sent["id"], {"days": 7})
        self.ask("GET", "/submissions/" + sent["id"])
        self.ask("POST", "/submissions/%s/link/withdraw" % sent["id"])
        self.ask("POST", "/submissions/%s/withdraw" % sent["id"])
        self.ask("GET", "/authorities")
        for card in ("letsencrypt", "private", "adcs-webserver"):
            self.ask("GET", "/authorities/" + card)
        with open(os.path.join(TOP, "share/authorities/private.json"), encoding="utf-8") as f:
            self.ask("POST", "/authorities/check", json.load(f))
        answer = {"answer": (self.ca.sign(request["pem"]) + self.ca.inter + self.ca.root).decode()}
        self.ask("POST", "/identities/portal/certificates/check", answer)
        breaking = {"answer": self.ca.sign(request["pem"], names=["DNS:c.example.com"]).decode()}
        self.ask("POST", "/identities/portal/certificates/check", breaking)
        made = self.ask("POST", "/identities/portal/certificates", answer)
        for path in ("/identities/portal/certificate", "/identities/portal/certificates",
                     "/certificates/" + made["id"], "/certificates/%s/pem?chain=1" % made["id"]):
            self.ask("GET", path)
        self.ask("POST", "/identities/portal/rollback", {"reason": "a test"})

    def rest(self):
        root = {"content": base64.b64encode(self.ca.root).decode()}
        made = self.ask("POST", "/trust", root)["trust"][0]
        self.ask("GET", "/trust")
        self.ask("GET", "/trust/%s/pem" % made["id"])
        self.ask("DELETE", "/trust/" + made["id"])
        self.ask("GET", "/targets")
        self.house.api("POST", "/identities", {"name": "web"})
        self.ask("POST", "/components", {"name": "web", "target": "web", "identity": "web",
                                         "address": "127.0.0.1:9"})
        self.ask("GET", "/components/web")
        self.ask("PUT", "/components/web", {"address": "127.0.0.1:10"})
        self.house.api("POST", "/identities/web/keys", {"type": "ec:P-256"})
        request = self.house.regenerate("web", common_name="web.example.com").json["pem"]
        self.house.install(self.ca.sign(request) + self.ca.inter, identity="web")
        wait_until(lambda: self.ask("GET", "/components/web")["delivery"] == "delivered")
        self.ask("POST", "/components/web/deliver")
        self.ask("POST", "/components/web/check")
        self.ask("POST", "/components/pull", {"name": "gw", "authority": "letsencrypt",
                                              "names": ["gw.example.com"]})
        self.ask("GET", "/components/gw")
        self.ask("POST", "/found", {"servers": ["127.0.0.1:9"]})
        self.ask("POST", "/found/files", {"name": "ca.pem", "content": self.ca.inter.decode()})
        for one in self.ask("GET", "/found")["found"]:
            self.ask("DELETE", "/found/" + one["id"])
        self.ask("GET", "/components")
        self.ask("DELETE", "/components/web")
        for path in ("/components", "/applications", "/status", "/config", "/openapi.json",
                     "/audit?limit=3&before=10&text=key", "/audit/export", "/audit/verify"):
            self.ask("GET", path)

    def own_authority(self):
        with open(os.path.join(TOP, "share/authorities/private.json"), encoding="utf-8") as f:
            policy = json.load(f)
        self.ask("POST", "/cas", {"name": "house"})
        self.ask("GET", "/cas")
        ca = self.ask("GET", "/cas/house")["certificates"][0]
        self.ask("GET", "/cas/certificate/" + ca["id"])
        self.house.api("POST", "/identities", {"name": "own"})
        self.house.api("POST", "/identities/own/keys", {"type": "ec:P-256"})
        csr = self.house.regenerate("own").json["pem"]
        made = self.ask("POST", "/authorities/house/requests", {"csr": csr})
        self.ask("GET", "/submissions/" + made["id"])
        self.house.api("POST", "/identities/own/certificates", {"request": made["id"]})
        self.ask("GET", "/renewals")
        self.ask("GET", "/renewals/own")
        self.ask("PUT", "/renewals/own", {"hours": "22:00-04:00", "days_left": "9"})
        self.ask("POST", "/renewals/own/now")
        self.ask("POST", "/cas/house/renew", {"within": 720})
        self.ask("POST", "/submissions", {"requests": [
            {"authority": "house", "csr": csr}, {"authority": "private", "csr": csr}, {"authority": "none"}, 1,
            {"authority": "letsencrypt", "profile": "shortlived", "csr": openssl(
                "req", "-new", "-newkey", "ed25519", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=x").decode()}]})
        self.ask("GET", "/issued")
        self.ask("GET", "/issued/" + made["serial"])
        self.ask("POST", "/issued/revoke", {"serial": made["serial"], "reason": "certificateHold"})
        self.ask("POST", "/issued/release", {"serial": made["serial"]})
        self.ask("GET", "/issued/export?format=csv")
        self.ask("GET", "/issued/export?format=json")
        policy["profiles"][0]["approval"] = {"persons": 1, "reason": "people look at it first",
                                             "reference": "our own", "checked": "2026-11-26"}
        self.ask("POST", "/cas/house/policy", policy)
        self.ask("GET", "/cas/house/policy")
        self.ask("GET", "/authorities/house")
        held = [self.ask("POST", "/authorities/house/requests", {"csr": csr})["id"] for _ in range(2)]
        self.ask("POST", "/submissions/%s/approve" % held[0], {})
        self.ask("POST", "/submissions/%s/reject" % held[1], {"reason": "no"})
        self.ask("POST", "/cas/house/lists", {"shards": 2, "deltas": "on"})
        self.ask("POST", "/cas/house/rollover", {})
        pem = self.ask("POST", "/cas/house/offline", {"passphrase": PASSWORD})["pem"]
        self.ask("POST", "/cas/house/offline", {"sha256": hashlib.sha256(pem.encode()).hexdigest()})
        self.ask("POST", "/cas/house/online", {"key": pem, "key_passphrase": PASSWORD})
        self.ask("POST", "/cas/house/retire", {})
        below = self.ask("POST", "/cas/csr", {"name": "below"})["csr"]
        with open(self.ca.path("below.ext"), "w", encoding="ascii") as f:
            f.write("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
        signed = openssl("x509", "-req", "-extfile", self.ca.path("below.ext"), "-days", "900", "-CA",
                         self.ca.write("r.pem", self.ca.root), "-CAkey", self.ca.root_key,
                         "-set_serial", "77", stdin=below.encode()).decode()
        self.ask("POST", "/cas/install", {"answer": signed})
        with open(self.ca.inter_key, encoding="ascii") as f:
            self.ask("POST", "/cas/import", {"name": "moved", "key": f.read(),
                                             "answer": (self.ca.inter + self.ca.root).decode()})
        self.ask("POST", "/cas/moved/history", {"index": "R\t290101000000Z\t250101000000Z\t01\tunknown\t/CN=a\n",
                                                "dry_run": True})

        self.ask("POST", "/clock/confirm", status=409)
        self.ask("POST", "/restore/confirm", status=409)

    def custodians(self):
        one, two, three = (Person(self.house, n) for n in ("one", "two", "three"))
        key = self.ask("POST", "/identities/portal/keys", {"type": "ec:P-256", "exportable": True})["id"]

        def of(who):
            return {"Authorization": "Bearer " + who.token}

        for who in (one, two):
            self.ask("POST", "/accounts/%s/custodian" % who.name)
        body = {"passphrase": "a long passphrase", "code": one.code()}
        self.ask("POST", "/keys/%s/export" % key, body, headers=of(one), status=202)
        self.ask("GET", "/custodians")
        self.ask("POST", "/keys/%s/approve" % key, {"code": two.code()}, headers=of(two))
        del body["code"]
        self.ask("POST", "/keys/%s/export" % key, body, headers=of(one))
        self.ask("POST", "/accounts/three/custodian", {"code": one.code()}, headers=of(one), status=202)
        self.ask("POST", "/accounts/three/custodian", {"code": two.code()}, headers=of(two))
        self.ask("POST", "/cas", {"name": "kept"})
        self.ask("POST", "/cas/kept/retire", {"code": three.code()}, headers=of(three), status=202)
        self.ask("POST", "/cas/kept/approve", {"act": "retire", "code": two.code()}, headers=of(two))
        self.ask("POST", "/cas/kept/retire", {}, headers=of(three))
        self.ask("POST", "/accounts/one/custodian/remove", {"code": three.code()}, headers=of(three), status=202)

    def own_account(self):
        made = self.ask("POST", "/tokens", {"user": "root"})
        me = {"Authorization": "Bearer " + made["token"]}
        Browser(self.house).sign_in()
        session = self.ask("GET", "/account/sessions", headers=me)["sessions"][0]
        self.ask("DELETE", "/account/sessions/" + session["id"], headers=me)
        self.ask("GET", "/account", headers=me)
        secret = self.ask("POST", "/account/totp", headers=me)["secret"]
        self.ask("POST", "/account/totp/confirm", {"code": code_of(secret, int(time.time()) // 30)}, headers=me)
        self.ask("POST", "/account/totp/off", {"totp_password": PASSWORD}, headers=me)
        self.ask("POST", "/account/password", {"current": PASSWORD,
                                               "password": "Ganz-Anders-und-lang-82!"}, headers=me)
        made = self.ask("POST", "/tokens", {"user": "root"})
        self.ask("POST", "/account/sign-out-everywhere",
                 headers={"Authorization": "Bearer " + made["token"]})


if __name__ == "__main__":
    tap.main()
