"""Components whose host pulls: what its token may do, and what it may not. What the
host does with it: tests/cli/test_pull.py."""

import json
import os
import re
import subprocess

import tap
from ca import openssl
from case import Case
from house import BUILD

NAME = "gw.vc.example.com"


class Pulls(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.house.api("POST", "/cas", {"name": "inner", "permit": ["vc.example.com"]})
        a = cls.house.api("POST", "/components/pull", {
            "name": "gw", "authority": "inner", "names": [NAME], "days": 20})
        assert a.status == 201, a.text
        cls.token = a.json["token"]
        cls.key = os.path.join(cls.house.base, "host.key")
        openssl("genpkey", "-algorithm", "ED25519", "-out", cls.key)

    def with_token(self, method, path, token=None, **more):
        return self.house.request(method, "/api/v1" + path, headers={
            "Authorization": "Bearer " + (token or self.token)}, **more)

    def send(self, subject="/CN=" + NAME, names="DNS:" + NAME, authority="inner", **more):
        csr = openssl("req", "-new", "-key", self.key, "-subj", subject, "-addext",
                      "subjectAltName=" + names)
        return self.with_token("POST", "/authorities/%s/requests" % authority,
                               json_body=dict({"csr": csr.decode()}, **more))

    def test_it_may_ask_for_its_names_at_its_authority_only(self):
        for other in ({"names": "DNS:other.vc.example.com"}, {"subject": "/O=Other"},
                      {"subject": "/CN=other.vc.example.com"},
                      {"names": "DNS:%s,email:a@vc.example.com" % NAME},
                      {"authority": "private"}, {"profile": "client"}, {"days": 21}):
            a = self.send(**other)
            self.refused(a, 403, "pull.not-its-own")
            self.assertIn(NAME, a.json["hint"])
        a = self.send()
        self.assertEqual(a.status, 201, a.text)
        b = self.send(subject="/", days=20)
        self.assertEqual(b.status, 201, b.text)
        one = self.with_token("GET", "/submissions/" + a.json["id"])
        self.assertEqual((one.status, one.json["created_by"]), (200, "pull:gw"), one.text)
        c = self.house.api("GET", "/components/gw").json
        self.assertEqual((c["kind"], c["status"], c["delivery"]), ("pull", "fine", "none"))

    def test_it_is_neither_delivered_to_nor_looked_at(self):
        self.refused(self.house.api("POST", "/components/gw/deliver"), 409, "component.pulls")
        self.refused(self.house.api("POST", "/components/gw/check"), 409, "component.pulls")
        self.refused(self.house.api("PUT", "/components/gw", {"address": "a:1"}), 409,
                     "component.pulls")

    def test_a_token_that_is_none(self):
        self.refused(self.with_token("GET", "/submissions/x", token="cwp_" + "A" * 43), 401,
                     "token.unknown")

    def test_no_other_route_takes_the_token_of_a_component(self):
        routes = json.loads(subprocess.run(
            [os.path.join(BUILD, "certwrightd"), "--dump-routes"], capture_output=True,
            check=True, text=True).stdout)
        routes = routes if isinstance(routes, list) else routes["routes"]
        asked = 0
        for r in routes:
            path = r.get("api_path")
            if not path or r["public"] or r["name"] in ("submission.one", "submission.submit"):
                continue
            path = re.sub(r"{\w+}", "x", path).replace("/api/v1", "")
            a = self.with_token(r["method"], path)
            self.assertEqual((a.status, a.json["id"]), (403, "capability"), (r["name"], a.text))
            asked += 1
        self.assertGreater(asked, 100)
        a = self.house.request("GET", "/components", headers={"Authorization": "Bearer " + self.token})
        self.assertEqual(a.status, 403)

    def test_what_is_no_name_or_no_authority_adds_nothing(self):
        for body, refusal in (({"names": []}, "field.required"), ({"names": ["a b"]}, None),
                              ({"names": ["post@vc.example.com"]}, "name.dns.email"),
                              ({"names": "\n"}, "pull.names"),
                              ({"authority": "none"}, None), ({"name": "a b"}, "component.name"),
                              ({"name": "a" * 59}, "component.name"), ({"days": "x"}, None)):
            a = self.house.api("POST", "/components/pull", dict(
                {"name": "new", "authority": "inner", "names": ["gw.vc.example.com"]}, **body))
            self.assertIn(a.status, (400, 404), a.text)
            if refusal:
                self.assertEqual(a.json["id"], refusal, a.text)
        self.assertEqual(self.house.api("GET", "/components/new").status, 404)


tap.main()
