"""The policy of our own authority: changed, tried first, and with approvals."""

import copy
import json
import os
import unittest

import tap
from house import TOP
from test_ca import CaCase

APPROVAL = {"persons": 1, "reason": "people look at it first", "reference": "our own",
            "checked": "2026-11-26"}


class PolicyCase(CaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(os.path.join(TOP, "share/authorities/private.json"), encoding="utf-8") as f:
            cls.card = json.load(f)

    def policy(self, **of_server):
        card = copy.deepcopy(self.card)
        card["profiles"][0].update(of_server)
        return card

    def set(self, policy, authority="house", query="", status=200):
        a = self.house.api("POST", "/cas/%s/policy%s" % (authority, query), policy)
        self.assertEqual(a.status, status, a.text)
        return a.json


class Policy(PolicyCase):
    def test_M30_a_changed_policy_binds_every_path(self):
        policy = self.policy()
        policy["grants"] = [g for g in policy["grants"] if g["item"] != "subject.OU"]
        self.set(policy)
        csr = self.csr("/O=Example/OU=Conf/CN=www.example.com")
        preview = self.house.api("POST", "/csr/preview", {"csr": csr, "authority": "house"}).json
        issued = self.issue(csr)
        for sheet in (preview, issued):
            self.assertEqual(self.outcomes(sheet)["subject.OU"], "dropped")
        self.assertNotIn("OU", self.text(issued["certificate"], "-subject"))
        self.set(self.policy())
        self.assertEqual(self.outcomes(self.issue(csr))["subject.OU"], "granted")

    def test_M29_a_dry_run_says_who_would_fail_and_changes_nothing(self):
        self.identity("fails", "ec:P-256")
        self.house.regenerate("fails", common_name="fails.example.com")
        version = self.house.api("GET", "/cas/house").json["policy_version"]
        policy = self.policy()
        policy["profiles"][0]["keys"]["allow"] = ["rsa:2048"]
        said = self.set(policy, query="?dry_run=1")
        mine = [i for i in said["identities"] if i["identity"] == "fails"][0]
        self.assertEqual((mine["now"], mine["then"], mine["fails"], mine["item"]),
                         ("issue", "refuse", True, "key"))
        self.assertEqual(said["fail"], len([i for i in said["identities"] if i["fails"]]))
        self.assertEqual(self.house.api("GET", "/cas/house").json["policy_version"], version)
        self.assertEqual(self.submit().status, 201)

    def test_M24_what_is_in_force_is_given_as_a_card_and_taken_back(self):
        self.house.api("POST", "/cas", {"name": "asis"})
        a = self.house.api("GET", "/cas/asis/policy")
        self.assertEqual((a.status, a.json["name"], a.json["version"], a.json["card"]),
                         (200, "asis", 0, self.card))
        changed = self.policy(summary="Changed.")
        self.set(changed, "asis")
        a = self.house.api("GET", "/cas/asis/policy").json
        self.assertEqual((a["version"], a["card"]), (1, changed))
        self.set(a["card"], "asis")
        self.assertEqual(self.house.api("GET", "/cas/nobody/policy").status, 404)

    def test_versions_grow_and_survive_a_restart(self):
        one, two = self.set(self.policy())["version"], self.set(self.policy())["version"]
        self.assertEqual(two, one + 1)
        self.set(self.policy(summary="Changed."))
        self.house.restart()
        profile = self.house.api("GET", "/authorities/house").json["profiles"][0]
        self.assertEqual(profile["summary"], "Changed.")

    def test_what_is_no_policy_is_refused_and_nothing_changes(self):
        version = self.house.api("GET", "/cas/house").json["policy_version"]
        self.refused(self.house.api("POST", "/cas/house/policy", {"id": "x"}), 400, "authority.card")
        public = dict(self.policy(), validation="dv")
        self.refused(self.house.api("POST", "/cas/house/policy", public), 400, "policy.public")
        self.refused(self.house.api("POST", "/cas/house/policy", self.policy(approval=dict(APPROVAL, persons=3))),
                     400, "authority.card")
        self.assertEqual(self.house.api("POST", "/cas/nobody/policy", self.policy()).status, 404)
        self.assertEqual(self.house.api("GET", "/cas/house").json["policy_version"], version)


class Page(PolicyCase):
    """The page Policy: sentences, Try and Set."""
    PAGE = "/settings/security/policy"

    def setUp(self):
        self.browser = self.signed_in()

    def send(self, text, authority="house", **more):
        return self.browser.post(self.PAGE + "?authority=" + authority, dict(more, card=text),
                                 self.browser.get(self.PAGE), follow=False)

    def post(self, card, **more):
        return self.send(json.dumps(card), **more)

    def version(self):
        return self.house.api("GET", "/cas/house").json["policy_version"]

    def test_M29_try_changes_nothing_and_set_does(self):
        self.identity("tried", "ec:P-256")
        self.house.regenerate("tried", common_name="tried.example.com")
        version, strict = self.version(), self.policy()
        strict["profiles"][0]["keys"]["allow"] = ["rsa:4096"]
        a = self.post(strict, dry_run="1")
        self.assertEqual(a.status, 200, a.text)
        self.assertIn("Nothing is changed.", a.text)
        self.assertRegex(a.text, r"of \d+ would be refused at (its|their) next renewal\.")
        self.assertIn(">tried</a>", a.text)
        self.assertIn("rsa:4096", a.text)
        self.assertEqual(self.version(), version)
        a = self.post(self.policy(), dry_run="1")
        self.assertIn("No identity would be refused at its next renewal.", a.text)
        a = self.post(self.policy(approval=APPROVAL))
        self.assertEqual((a.status, a.headers["Location"]), (303, self.PAGE + "?authority=house"))
        self.assertEqual(self.version(), version + 1)
        page = self.browser.get(self.PAGE)
        self.assertIn("Version %d is in force." % (version + 1), page.text)
        self.assertIn("By one person first.", page.text)
        self.set(self.policy())

    def test_what_is_no_policy_is_said_beside_the_field_and_kept_there(self):
        version = self.version()
        for card in ("{", "{}", "no JSON <b>"):
            a = self.send(card)
            self.assertEqual(a.status, 400, card)
            self.assertIn('id="e-card"', a.text)
        self.assertIn("no JSON &lt;b&gt;</textarea>", a.text)
        self.assertIn('id="e-card"', self.post(dict(self.policy(), validation="dv")).text)
        self.assertIn("is required", self.send("").text)
        self.assertEqual(self.version(), version)

    def test_P22_an_authority_that_is_not_there_is_not_found(self):
        self.assertEqual(self.browser.get(self.PAGE + "?authority=nobody").status, 404)
        self.assertEqual(self.post(self.policy(), authority="nobody").status, 404)

    def test_of_several_one_is_chosen(self):
        self.house.api("POST", "/cas", {"name": "second"})
        page = self.browser.get(self.PAGE + "?authority=second").text
        self.assertIn('authority=second" aria-current="true"', page)
        self.assertIn("The policy that comes with Certwright is in force.", page)
        self.assertIn("RSA 2048 to 4096 bits, EC P-256", page)


class Approvals(PolicyCase):
    def token(self, name):
        self.house.admin(name)
        made = self.house.api("POST", "/tokens", {"user": name}).json
        return {"Authorization": "Bearer " + made["token"]}

    def held(self, persons=1):
        self.set(self.policy(approval=dict(APPROVAL, persons=persons)))
        a = self.submit()
        self.assertEqual((a.status, a.json["verdict"], a.json["certificate"]), (202, "hold", None), a.text)
        return a.json["id"]

    def approve(self, id_, who=None, **body):
        path = "/submissions/%s/approve" % id_
        if who is None:
            return self.house.api("POST", path, body)
        return self.house.request("POST", "/api/v1" + path, json_body=body, headers=who)

    def test_held_until_it_is_approved(self):
        id_ = self.held()
        a = self.approve(id_)
        self.assertEqual((a.status, a.json["state"]), (201, "issued"), a.text)
        self.assertTrue(self.verifies(a.json["certificate"])[0])
        self.refused(self.approve(id_), 409, "approve.state")

    def test_M27_two_persons_and_no_one_of_them_twice(self):
        one, two = self.token("one"), self.token("two")
        id_ = self.held(2)
        a = self.approve(id_, one)
        self.assertEqual((a.status, a.json["state"]), (202, "held"), a.text)
        self.refused(self.approve(id_, one), 409, "approve.again")
        self.assertEqual(self.house.api("GET", "/submissions/" + id_).json["approved_by"], ["one"])
        self.assertEqual(self.approve(id_, two).status, 201)

    def test_M27_an_approval_is_bound_to_the_request_that_was_seen(self):
        id_ = self.held()
        self.refused(self.approve(id_, sha256="0" * 64), 409, "approve.hash", "sha256")
        self.assertEqual(self.house.api("GET", "/submissions/" + id_).json["state"], "held")

    def test_it_is_examined_again_when_it_is_approved(self):
        id_ = self.held()
        stricter = self.policy(approval=APPROVAL)
        stricter["profiles"][0]["keys"]["allow"] = ["rsa:2048"]
        self.set(stricter)
        a = self.approve(id_)
        self.refused(a, 422, "submit.refused")
        self.assertEqual(self.outcomes(a.json)["key"], "refused")
        self.assertEqual(self.house.api("GET", "/submissions/" + id_).json["state"], "held")

    def test_rejected_and_withdrawn_are_issued_no_more(self):
        id_ = self.held()
        a = self.house.api("POST", "/submissions/%s/reject" % id_, {"reason": "not ours"})
        self.assertEqual((a.json["state"], a.json["reason"]), ("rejected", "not ours"), a.text)
        self.refused(self.approve(id_), 409, "approve.state")
        id_ = self.held()
        self.assertEqual(self.house.api("POST", "/submissions/%s/withdraw" % id_).status, 200)
        self.refused(self.approve(id_), 409, "approve.state")

    def test_an_authority_that_was_retired_meanwhile_issues_nothing(self):
        self.house.api("POST", "/cas", {"name": "tired"})
        self.set(self.policy(approval=APPROVAL), "tired")
        id_ = self.submit(authority="tired").json["id"]
        self.house.api("POST", "/cas/tired/retire")
        self.assertEqual(self.approve(id_).status, 404)


if __name__ == "__main__":
    tap.main()
