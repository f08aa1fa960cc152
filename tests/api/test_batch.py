"""Up to 100 requests at once: each is judged for itself, whatever the others (P21)."""

import tap
from test_ca import CaCase


class Batch(CaCase):
    def send(self, *elements, **more):
        return self.house.api("POST", "/submissions", {"requests": list(elements)}, **more)

    def element(self, **more):
        return dict({"authority": "house", "csr": self.csr()}, **more)

    def statuses(self, answer):
        self.assertEqual(answer.status, 200, answer.text)
        return [r["status"] for r in answer.json["results"]]

    def count(self):
        return len(self.house.api("GET", "/issued").json["issued"])

    def test_P21_exactly_the_bad_element_fails_wherever_it_stands(self):
        bad = {
            "submit.refused": self.element(csr=self.csr("/CN=a_b.example.com", "DNS:a_b.example.com")),
            "csr.der": self.element(csr="-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n"),
            "authority.unknown": self.element(authority="nobody"),
            "authority.profile.unknown": self.element(profile="nobody"),
            "field.number": self.element(days="many"),
            "field.type": self.element(note=["x"]),
            "field.required": {"csr": self.csr()},
            "field.unknown": self.element(profil="server"),
            "not-found": {"authority": "house", "request": "nobody"},
        }
        for n, (refusal, element) in enumerate(bad.items()):
            before, place = self.count(), n % 4
            elements = [self.element() for _ in range(3)]
            elements.insert(place, element)
            a = self.send(*elements)
            self.assertEqual([s == 201 for s in self.statuses(a)], [i != place for i in range(4)], a.text)
            one = a.json["results"][place]
            self.assertEqual(one["id"], refusal, one)
            self.assertTrue(400 <= one["status"] < 500 and one["detail"], one)
            self.assertEqual((a.json["issued"], a.json["held"], a.json["refused"]), (3, 0, 1))
            self.assertEqual(self.count(), min(before + 3, 100), refusal)

    def test_P21_what_is_no_element_is_refused_alone(self):
        a = self.send(7, self.element(), "x", None, [], self.element())
        self.assertEqual(self.statuses(a), [400, 201, 400, 400, 400, 201])
        self.assertEqual({r["id"] for r in a.json["results"] if r["status"] == 400}, {"batch.element"})
        name = self.send({"authority": "house", "a\u202eb": 1}).json["results"][0]
        self.assertEqual(name["id"], "text.bidi")

    def test_P21_each_has_its_own_sheet_certificate_and_record(self):
        names = ["%s.example.com" % n for n in ("a", "b", "c")]
        a = self.send(*[self.element(csr=self.csr("/CN=" + n, "DNS:" + n), note="order " + n) for n in names])
        self.assertEqual(self.statuses(a), [201] * 3)
        for n, r in zip(names, a.json["results"]):
            self.assertIn(n, self.text(r["certificate"], "-ext", "subjectAltName"))
            self.assertEqual(self.outcomes(r)["san.dns:" + n], "granted")
            kept = self.house.api("GET", "/submissions/" + r["id"]).json
            self.assertEqual((kept["serial"], kept["note"]), (r["serial"], "order " + n))
            self.assertEqual(len(self.events(r["serial"])), 1)
        self.assertEqual(len({r["serial"] for r in a.json["results"]}), 3)

    def test_P21_P28_each_refusal_is_on_record(self):
        before = len(self.events("submit.refused"))
        bad = self.element(csr=self.csr("/CN=a_c.example.com", "DNS:a_c.example.com"))
        a = self.send(bad, self.element(), bad)
        self.assertEqual(self.statuses(a), [422, 201, 422])
        refused = a.json["results"][0]
        self.assertEqual(refused["verdict"], "refuse")
        self.assertEqual(self.outcomes(refused)["san.dns:a_c.example.com"], "refused")
        self.assertEqual(len(self.events("submit.refused")), before + 2)

    def test_P21_authorities_and_profiles_are_those_of_the_element(self):
        a = self.send(self.element(), self.element(profile="client"), self.element(authority="private"),
                      self.element(authority="letsencrypt", csr=self.csr("/CN=x.example.com", "IP:192.0.2.1")))
        self.assertEqual(self.statuses(a), [201, 201, 202, 422])
        self.assertIn("Client", self.text(a.json["results"][1]["certificate"], "-ext", "extendedKeyUsage"))
        self.assertEqual((a.json["issued"], a.json["held"], a.json["refused"]), (2, 1, 1))

    def test_P21_a_hundred_and_no_more(self):
        one = self.element()
        a = self.send(*[one] * 101)
        self.refused(a, 400, "batch.size", "requests")
        self.assertIn("101", a.json["detail"])
        self.refused(self.send(), 400, "batch.size", "requests")
        self.refused(self.house.api("POST", "/submissions", {"requests": "x"}), 400, "field.type", "requests")
        a = self.send(*[one] * 100)
        self.assertEqual(self.statuses(a), [201] * 100)
        self.assertEqual(len({r["serial"] for r in a.json["results"]}), 100)

    def test_P21_the_sheets_of_a_batch_are_bounded(self):
        many = self.element(csr=self.csr("/CN=x", ",".join("DNS:n%d.example.com" % i for i in range(400))))
        a = self.send(*[many] * 40)
        got = self.statuses(a)
        self.assertEqual(set(got[:20]), {422})
        self.assertEqual(set(got[-5:]), {429})
        self.assertEqual(a.json["results"][-1]["id"], "batch.full")

    def test_M25_a_batch_with_an_idempotency_key_is_done_once(self):
        bad = {"authority": "nobody", "csr": "x"}
        headers = {"Idempotency-Key": "batch-1"}
        elements = [bad, self.element(), self.element()]
        first = self.send(*elements, headers=headers)
        self.assertEqual(self.statuses(first), [404, 201, 201])
        issued = len(self.events(first.json["results"][1]["serial"]))
        again = self.send(*elements, headers=headers)
        self.assertEqual(again.json, first.json)
        self.assertEqual(len(self.events(first.json["results"][1]["serial"])), issued)
        self.refused(self.send(bad, headers=headers), 409, "idempotency.other")

    def test_P21_only_who_may_submit_may_send_a_batch(self):
        a = self.house.request("POST", "/api/v1/submissions", json_body={"requests": [self.element()]})
        self.refused(a, 401, "signed-out")


if __name__ == "__main__":
    tap.main()
