"""The Login and Welcome banners, and the last sign-ins (V54)."""

import html
import re
import time

import tap
from case import Case
from house import PASSWORD, Browser, House

PAGE = "/settings/security/banners"


class Banners(Case):
    def setUp(self):
        self.set("", "")

    def set(self, login, welcome):
        a = self.house.api("PUT", "/banners", {"login": login, "welcome": welcome})
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def enter(self, name="root", next=None):
        b = Browser(self.house)
        form = {"name": name, "password": PASSWORD}
        if next:
            form["next"] = next
        return b, b.post("/sign-in", form, b.get("/super"))

    def test_V54_both_are_off_at_first_and_nothing_stands_between(self):
        with House() as house:
            house.admin("root")
            self.assertEqual(house.api("GET", "/banners").json, {"login": "", "welcome": ""})
            b = Browser(house)
            self.assertNotIn('class="notice"', b.get("/super").text)
            self.assertEqual(b.sign_in().path, "/components")

    def test_V54_the_Login_banner_stands_at_both_doors_as_plain_text(self):
        text = "Authorised people only.\n<b>All</b> is recorded & kept."
        self.set(text, "")
        for door in ("/super", "/admin"):
            shown = re.search(r'<p class="notice">(.*?)</p>', Browser(self.house).get(door).text, re.S).group(1)
            self.assertNotIn("<b>", shown)
            self.assertEqual(html.unescape(shown), text)
        b = Browser(self.house)
        again = b.post("/sign-in", {"name": "root", "password": "wrong"}, b.get("/super"))
        self.assertIn('class="notice"', again.text, "after a refusal, too")

    def test_V54_the_Welcome_banner_is_shown_once_and_leads_where_one_wanted_to_go(self):
        self.set("", "Maintenance on Sunday.")
        b, page = self.enter(next="/account")
        self.assertEqual(page.path.split("?")[0], "/welcome")
        self.assertIn("Maintenance on Sunday.", page.text)
        self.assertNotIn("Last sign-ins", page.text, "only with both banners")
        self.assertIn('<a class="button" href="/account">Continue</a>', page.text)
        self.assertNotIn("Maintenance", b.get("/components").text)
        self.assertIn('href="/components">Continue', b.get("/welcome?next=//evil.example").text)
        self.assertEqual(Browser(self.house).get("/welcome").path.split("?")[0], "/super", "for who is signed in")

    def test_V54_with_both_on_the_last_five_sign_ins_are_shown_with_their_results(self):
        self.house.admin("five")
        self.set("Notice", "Hello")
        for password in ("wrong", PASSWORD, PASSWORD, "wrong", PASSWORD):
            Browser(self.house).sign_in("five", password)
        self.house.admin("other")
        Browser(self.house).sign_in("other", "wrong")
        _, page = self.enter("five")
        rows = re.findall(r'data-label="Result"><span class="mark (\w+)">', page.text)
        self.assertEqual(rows, ["good", "good", "bad", "good", "good"], "newest first; of this account alone")
        self.assertEqual(page.text.count("Wrong password"), 1)
        self.assertEqual(page.text.count('data-label="From">127.0.0.1<'), 5)
        self.assertRegex(page.text, r'data-label="When" class="line">\d+ \w+ 20\d\d, \d\d:\d\d UTC')
        token = self.house.api("POST", "/tokens", {"user": "five"}).json["token"]
        a = self.house.request("GET", "/api/v1/account/welcome", headers={"Authorization": "Bearer " + token})
        self.assertEqual([s["outcome"] for s in a.json["sign_ins"]], ["done", "done", "sign-in.wrong", "done", "done"])
        self.assertEqual(a.json["banner"], "Hello")

    def test_V54_a_new_account_of_an_old_name_does_not_see_the_old_ones(self):
        self.house.admin("again")
        Browser(self.house).sign_in("again")
        self.assertEqual(self.house.api("DELETE", "/accounts/again").status, 200)
        time.sleep(1.1)  # accounts are as old as the second says
        made = self.house.admin("again")
        first = self.house.api("GET", "/audit?text=session.sign-in%20again").json["events"]
        token = self.house.api("POST", "/tokens", {"user": made["name"]}).json["token"]
        a = self.house.request("GET", "/api/v1/account/welcome", headers={"Authorization": "Bearer " + token})
        self.assertEqual((len(first), len(a.json["sign_ins"])), (1, 0))

    def test_V54_a_page_sets_them_and_an_odd_text_stands_at_its_field(self):
        b = self.signed_in()
        page = b.get(PAGE)
        for form, field, words in (({"login": "x" * 2001, "welcome": ""}, "login", "2000"),
                                   ({"login": "", "welcome": "a\u202eb"}, "welcome", "U\\+202E"),
                                   ({"login": "a\x07", "welcome": ""}, "login", "U\\+0007")):
            a = b.post(PAGE, form, page)
            self.assertEqual(a.status, 400)
            self.assertRegex(self.wrong(a, field), words)
        self.refused(self.house.api("PUT", "/banners", {"login": "x" * 2001}), 400, "banner.long", "login")
        self.assertEqual(self.house.api("GET", "/banners").json, {"login": "", "welcome": ""})
        full = ("x" * 39 + "\n") * 50  # 2,000 characters; browsers send CRLF
        self.assertEqual(b.post(PAGE, {"login": full.replace("\n", "\r\n"), "welcome": "W"}, page).status, 200)
        self.assertEqual(self.house.api("GET", "/banners").json, {"login": full, "welcome": "W"})
        self.assertEqual(self.house.api("PUT", "/banners", {"welcome": ""}).json, {"login": full, "welcome": ""},
                         "what is not sent stays")
        self.assertEqual(self.events("banners.save")[0]["detail"], {"login": True, "welcome": False})

    def test_V54_the_command_line_shows_and_sets_them(self):
        path = self.house.base + "/login.txt"
        with open(path, "w", encoding="utf-8") as f:
            f.write("Authorised people only.\n")
        run = self.house.cli("config", "banner", "--login-file", path)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.house.api("GET", "/banners").json["login"], "Authorised people only.")
        self.assertEqual(self.house.cli("config", "banner").stdout, "login:\n  Authorised people only.\nwelcome: off\n")
        open(path, "w", encoding="utf-8").close()
        self.house.cli("config", "banner", "--login-file", path)
        self.assertEqual(self.house.api("GET", "/banners").json["login"], "")


if __name__ == "__main__":
    tap.main()
