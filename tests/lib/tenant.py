"""A tenant of a test: made by the local administrator, with an admin of its own."""

import base64

from house import FIELDS, PASSWORD, Browser


class Tenant:
    def __init__(self, house, name, role="tenant-admin"):
        self.house = house
        self.name = name
        a = house.api("POST", "/tenants", {"name": name})
        assert a.status == 201, a.text
        self.id = a.json["id"]
        self.token = self.person("jane", role)
        a = self.inside("POST", "/names", {"name": name + ".example"})
        assert a.status == 201, a.text

    def inside(self, method, path, body=None):
        """The local administrator, acting in it."""
        return self.house.api(method, "/t/%s%s" % (self.name, path), body)

    def person(self, name, role):
        """An account with a token, whose text comes back."""
        a = self.inside("POST", "/accounts", {
            "name": name, "email": "%s@%s.example" % (name, self.name), "password": PASSWORD,
            "role": role})
        assert a.status == 201, a.text
        a = self.inside("POST", "/tokens", {"user": name})
        assert a.status == 201, a.text
        return a.json["token"]

    def api(self, method, path, body=None, token=None):
        """Its admin's token."""
        return self.house.request(method, "/api/v1" + path, json_body=body, headers={
            "Authorization": "Bearer " + (token or self.token)})

    def browser(self, name="jane"):
        b = Browser(self.house)
        page = b.post("/admin", {"name": "%s@%s" % (name, self.name), "password": PASSWORD},
                      b.get("/admin"))
        assert page.path == "/components", page.text
        return b

    def request(self, identity="portal", **fields):
        a = self.api("POST", "/identities/%s/requests" % identity, {
            **FIELDS, "common_name": "portal.%s.example" % self.name, **fields})
        assert a.status == 201, a.text
        return a.json

    def install(self, ca, pem, identity="portal"):
        """What the CA answers to this CSR, into use."""
        a = self.api("POST", "/identities/%s/certificates" % identity, {"files": [
            {"name": "answer.pem",
             "content": base64.b64encode(ca.sign(pem.encode())).decode()}]})
        assert a.status == 201, (a.status, a.text[-400:])
        return a.json
