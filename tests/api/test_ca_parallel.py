"""Our own authority when several people decide at once."""

import concurrent.futures
import unittest

import tap
from test_policy import APPROVAL, PolicyCase

AT_ONCE = 8


def at_once(*calls):
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [f.result() for f in [pool.submit(c) for c in calls]]


class Decided(PolicyCase):
    def held(self, persons=1):
        self.set(self.policy(approval=dict(APPROVAL, persons=persons)))
        a = self.submit()
        self.assertEqual(a.status, 202, a.text)
        return a.json["id"]

    def issued(self):
        return [i for i in self.house.api("GET", "/issued").json["issued"] if i["profile"] == "server"]

    def test_M27_of_many_approvals_at_once_one_issues(self):
        for _ in range(4):
            before, id_ = len(self.issued()), self.held()
            answers = at_once(*[lambda: self.house.api("POST", "/submissions/%s/approve" % id_, {})] * AT_ONCE)
            self.assertEqual(sorted(a.status for a in answers), [201] + [409] * (AT_ONCE - 1))
            self.assertEqual(len(self.issued()), before + 1)

    def test_M27_what_was_withdrawn_or_rejected_meanwhile_is_not_issued(self):
        for act in ("reject", "withdraw") * 4:
            before, id_ = len(self.issued()), self.held()
            path = "/submissions/%s/" % id_
            answers = at_once(*[lambda a=a: self.house.api("POST", path + a, {}) for a in ("approve", act)])
            done = [a for a in answers if a.status < 300]
            self.assertEqual(len(done), 1, [a.text for a in answers])
            state = self.house.api("GET", "/submissions/" + id_).json["state"]
            self.assertEqual(len(self.issued()) - before, 1 if state == "issued" else 0)

    def test_M27_approvals_of_two_persons_at_once_both_count(self):
        who = []
        for name in ("one", "two"):
            self.house.admin(name)
            made = self.house.api("POST", "/tokens", {"user": name}).json
            who.append({"Authorization": "Bearer " + made["token"]})
        for _ in range(4):
            path = "/api/v1/submissions/%s/approve" % self.held(2)
            answers = at_once(*[lambda h=h: self.house.request("POST", path, json_body={}, headers=h) for h in who])
            self.assertEqual(sorted(a.status for a in answers), [201, 202])


class Changed(PolicyCase):
    def make(self, name):
        a = self.house.api("POST", "/cas", {"name": name})
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def test_M18_a_retired_authority_stays_retired_whatever_is_set_at_once(self):
        for i in range(6):
            name = "retired%d" % i
            self.make(name)
            policy = self.policy()
            at_once(lambda: self.house.api("POST", "/cas/%s/retire" % name, {}),
                    *[lambda: self.house.api("POST", "/cas/%s/policy" % name, policy)] * 5)
            shown = self.house.api("GET", "/cas/" + name).json
            self.assertEqual((shown["state"], shown["policy_version"]), ("retired", 5))
            self.assertEqual(self.submit(authority=name).status, 404)

    def test_M18_of_two_rollovers_at_once_each_is_whole(self):
        for i in range(4):
            name = "rolled%d" % i
            self.make(name)
            answers = at_once(*[lambda: self.house.api("POST", "/cas/%s/rollover" % name, {})] * 3)
            self.assertEqual({a.status for a in answers} - {200, 409}, set(), [a.text for a in answers])
            shown = self.house.api("GET", "/cas/" + name).json
            active = [c for c in shown["certificates"] if c["role"] == "issuing" and c["state"] == "active"]
            numbers = [c["number"] for c in shown["certificates"] if c["role"] == "issuing"]
            self.assertEqual((len(active), len(numbers)), (1, len(set(numbers))), shown["certificates"])
            self.assertEqual(active[0]["pem"], shown["issuing"])
            self.assertEqual(self.issue(authority=name)["chain"][1], shown["issuing"])

    def test_M18_nothing_is_issued_once_retired_was_answered(self):
        for i in range(4):
            name = "ended%d" % i
            self.make(name)
            csr = self.csr()
            late = []

            def submit():
                while True:
                    a = self.submit(csr, authority=name)
                    if a.status != 201:
                        return
                    late.append(a.json["serial"])

            def retire():
                while len(late) < 20:
                    pass
                self.assertEqual(self.house.api("POST", "/cas/%s/retire" % name, {}).status, 200)
                return len(self.house.api("GET", "/issued?limit=500").json["issued"])

            counted = at_once(retire, *[submit] * 6)[0]
            self.assertEqual(len(self.house.api("GET", "/issued?limit=500").json["issued"]), counted)


if __name__ == "__main__":
    tap.main()
