// Every page: axe-core without findings, light and dark, wide and narrow;
// keyboard alone; no script needed; small.
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import zlib from "node:zlib";
import { CA, House, closeAll, open, password, setUp, signIn } from "./house.mjs";
import { findings, looks, shoot, tooWide } from "./looks.mjs";
import { Tap, equal, holds } from "./tap.mjs";

const pages = {
  components: "/components", license: "/settings", accounts: "/settings/accounts",
  key: "/settings/security/key", csr: "/settings/security/csr",
  preview: "/settings/security/csr?authority=letsencrypt:classic&days=365",
  authorities: "/settings/security/authorities", authority: "/settings/security/authorities/letsencrypt",
  certificate: "/settings/security/certificate", ca: "/settings/security/ca-certificates",
  applications: "/settings/security/applications", passwords: "/settings/security/passwords", system: "/settings/system", advanced: "/settings/security/advanced", banners: "/settings/security/banners", welcome: "/welcome",
  default: "/settings/security/passwords/default",
  requests: "/requests", activity: "/activity", account: "/account",
  "own-cas": "/settings/security/ca", "own-ca": "/settings/security/ca/house",
  replace: "/settings/security/replace", "replace-revoke": "/settings/security/replace?identity=stolen",
  policy: "/settings/security/policy", "own-preview": "/settings/security/csr?authority=house:server&days=90",
  tenants: "/tenants", tenant: "/tenants/acme", "tenants-ended": "/tenants?state=deleted",
  names: "/settings/security/names", "acme-names": "/t/acme/settings/security/names",
  plan: "/settings/security/names/plan", "acme-plan": "/t/acme/settings/security/names/plan?strategy=each",
  "acme-components": "/t/acme/components",
  notifications: "/settings/notifications", component: "/components/web", "component-pull": "/components/gateway",
  pull: "/components/pull", found: "/certificates/found", "acme-found": "/t/acme/certificates/found",
  fields: "/settings/security/csr/fields", "acme-fields": "/t/acme/settings/security/csr/fields", "acme-csr": "/t/acme/settings/security/csr", "acme-key": "/t/acme/settings/security/key",
  "acme-accounts": "/t/acme/settings/accounts", "acme-activity": "/t/acme/activity",
  renewals: "/certificates/renewals", renewal: "/certificates/renewals/portal",
  "acme-renewals": "/t/acme/certificates/renewals", issued: "/certificates", "issued-none": "/certificates?text=nothing-like-this",
};
const empty = { "empty-tenants": "/tenants", "empty-names": "/settings/security/names", "empty-plan": "/settings/security/names/plan",  "empty-own-cas": "/settings/security/ca", "empty-issued": "/certificates", "empty-policy": "/settings/security/policy", "empty-requests": "/requests" };

// Where certificates can be delivered to on this host: files in a folder of its own.
const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), "cw-targets-"));
const targets = path.join(elsewhere, "targets");
fs.writeFileSync(targets, ["web", "mail"].map((n) =>
  `[${n}]\nkind = files\ncertificate = ${elsewhere}/${n}.pem\nkey = ${elsewhere}/${n}.key\n`).join(""));

const tap = new Tap("pages");
const house = await House.start("--targets", targets);
const ca = new CA();

function secretFile() {
  const file = path.join(house.base, "secret");
  fs.writeFileSync(file, password + "\n");
  return file;
}

// RFC 6238, of a secret in base32
function code(secret) {
  const bits = [...secret.trim()].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0"));
  const key = Buffer.from(bits.join("").match(/.{8}/g).map((x) => Number.parseInt(x, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = crypto.createHmac("sha1", key).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, "0");
}

// A command whose verdict is not "as asked": the answer all the same.
function judged(status, ...args) {
  try {
    house.cli(...args);
  } catch (e) {
    equal(e.status, status, args.join(" "));
    return e.stdout;
  }
  throw new Error(args.join(" ") + ": as asked");
}

// One that works, one that is suspended, one that is gone.
function tenants() {
  house.cli("tenant", "create", "acme", "--contact", "it@acme.example", "--requests-a-day", "20");
  house.cli("tenant", "create", "zeta");
  house.cli("names", "base", "vc.example.com");
  house.cli("--tenant", "acme", "names", "add", "acme.example");
  house.cli("tenant", "suspend", "zeta", "--reason", "unpaid since June");
  house.cli("tenant", "create", "gone");
  house.cli("tenant", "delete", "gone", "--confirm", "gone");
  house.cli("--tenant", "acme", "key", "generate", "--type", "ec:P-256");
  house.cli("--tenant", "acme", "csr", "fields", "--country", "DE", "--organization", "Acme Video GmbH", "--lock", "organization");
  house.cli("--tenant", "acme", "account", "invite", "jane", "--email", "jane@acme.example");
}

// Our own authority: what it issued, revoked, and holds for an approval.
function ownAuthority() {
  house.cli("ca", "create", "--name", "house");
  house.cli("identity", "create", "stolen");
  house.cli("key", "generate", "--type", "ec:P-256", "--identity", "stolen");
  house.cli("csr", "regenerate", "--country", "US", "--state", "New Jersey", "--locality", "Hackensack", "--organization",
    "Example Video, Inc.", "--unit", "R&D", "--common-name", "stolen.example.com", "--email", "pki@example.com",
    "--identity", "stolen");
  const of = JSON.parse(house.cli("request", "submit", "--authority", "house", "--identity", "stolen", "--json"));
  house.cli("certificate", "install", "--request", of.id, "--identity", "stolen");
  judged(4, "key", "replace", "--identity", "stolen", "--note", "laptop stolen", "--json");
  const issue = (days = "397") =>
    JSON.parse(house.cli("request", "submit", "--authority", "house", "--days", days, "--json"));
  for (const days of ["5", "40", "41", "42", "110", "160"]) issue(days);
  const first = issue();
  house.cli("certificate", "revoke", issue().serial, "--reason", "superseded");
  house.cli("certificate", "revoke", issue().serial, "--reason", "certificateHold");
  const card = JSON.parse(fs.readFileSync(new URL("../../share/authorities/private.json", import.meta.url), "utf8"));
  card.profiles[0].approval = { persons: 2, reason: "people look at it first", reference: "our own", checked: "2026-11-26" };
  fs.writeFileSync(path.join(house.base, "policy.json"), JSON.stringify(card));
  house.cli("profile", "set", path.join(house.base, "policy.json"));
  const held = JSON.parse(judged(4, "request", "submit", "--authority", "house", "--note", "order 4711", "--json"));
  pages["issued-one"] = "/certificates/" + first.serial;
  pages["submission-issued"] = "/requests/" + first.id;
  pages["submission-held"] = "/requests/" + held.id;
  pages["guest-sheet"] = new URL(house.cli("request", "link", first.id).trim()).pathname;
  pages["guest-held"] = new URL(house.cli("request", "link", held.id).trim()).pathname;
}

for (const look of looks) {
  const b = await open(look);
  if (look.name === "light") {
    await tap.step("set-up page has no findings", async () => {
      await b.page.goto(house.url + house.setup);
      await shoot(b.page, "setup-light");
      equal((await findings(b.page)).join("\n"), "", "axe");
    });
    await setUp(b.page, house);
    for (const [name, url] of Object.entries(empty)) {
      await tap.step(`${name} has no findings`, async () => {
        equal((await b.page.goto(house.url + url)).status(), 200, "status");
        await shoot(b.page, name);
        equal((await findings(b.page)).join("\n"), "", "axe");
      });
    }
    house.cli("key", "generate", "--type", "ec:P-256");
    for (const unit of ["R&D", "Conferencing"])
      house.cli("csr", "regenerate", "--country", "US", "--state", "New Jersey", "--locality", "Hackensack",
        "--organization", "Example Video, Inc.", "--unit", unit, "--common-name", "portal.example.com",
        "--email", "pki@example.com", "--name", "*.portal.example.com");
    const csr = house.cli("csr", "download", "-o", "-");
    const answer = path.join(house.base, "answer.pem");
    fs.writeFileSync(answer, ca.mail(ca.sign(csr, { names: ["portal.example.com", "*.portal.example.com"] })));
    house.cli("certificate", "install", answer);
    house.cli("identity", "create", "shop");
    house.cli("component", "add", "web", "--target", "web", "--identity", "shop", "--address", "shop.example.com:443");
    house.cli("component", "add-pull", "gateway", "--authority", "letsencrypt", "--name", "gw.example.com");
    house.cli("component", "scan", "192.0.2.1:443");
    tenants();
    const id = (...args) => JSON.parse(house.cli(...args, "--json")).id;
    pages.submission = "/requests/" + JSON.parse(judged(4, "request", "submit", "--authority", "private", "--json")).id;
    ownAuthority();
    pages["key-one"] = "/settings/security/key/" + id("key", "generate", "--type", "ec:P-384", "--exportable");
    pages["certificate-one"] = "/settings/security/certificate/" + id("certificate", "show");
    pages["account-one"] = "/settings/accounts/" + id("admin", "create", "--user", "second", "--email",
      "second@example.com", "--password-file", secretFile());
    await tap.step("every page of the route table is among these", async () => {
      const left = house.routes().filter((r) => r.method === "GET" && r.template && !/pem$|der$|export$|token|code$/
        .test(r.portal_path) && !["/super", "/admin"].includes(r.portal_path)).map((r) => r.portal_path).filter((p) =>
        !Object.values(pages).some((url) => new RegExp(`^${p.replace(/{\w+}/g, "[^/]+")}$`).test(url.split("?")[0])));
      equal(left.join(" "), "", "pages that nobody looks at");
    });
  } else {
    await tap.step(`sign-in page has no findings (${look.name})`, async () => {
      await b.page.goto(house.url + "/super");
      await shoot(b.page, "signin-" + look.name);
      equal((await findings(b.page)).join("\n"), "", "axe");
    });
    await tap.step(`the other door has no findings (${look.name})`, async () => {
      await b.page.goto(house.url + "/admin");
      await shoot(b.page, "admin-" + look.name);
      equal((await findings(b.page)).join("\n"), "", "axe");
    });
    await signIn(b.page, house);
  }
  for (const [name, url] of Object.entries(pages)) {
    await tap.step(`${name} has no findings (${look.name})`, async () => {
      const r = await b.page.goto(house.url + url);
      equal(r.status(), 200, "status");
      await shoot(b.page, `${name}-${look.name}`);
      equal((await findings(b.page)).join("\n"), "", "axe");
      equal(await tooWide(b.page), "", "too wide");
    });
  }
  if (look.name === "light") await tap.step("the sheet prints on one page of A4", async () => {
    for (const name of ["guest-sheet", "guest-held", "submission-issued", "submission"]) {
      await b.page.goto(house.url + pages[name]);
      const pdf = (await b.page.pdf({ format: "A4" })).toString("latin1");
      equal(pdf.match(/\/Type\s*\/Page\b/g).length, 1, name);
    }
  });
  await tap.step(`a refused form and a page that is not there have no findings (${look.name})`, async () => {
    await b.page.goto(house.url + "/settings/security/csr");
    await b.page.getByLabel("Country Code").fill("UK");
    await b.page.getByRole("button", { name: "Regenerate" }).click();
    await b.page.locator("[aria-invalid]").first().waitFor();
    await shoot(b.page, "refused-" + look.name);
    equal((await findings(b.page)).join("\n"), "", "axe");
    equal((await b.page.goto(house.url + "/nothing-here")).status(), 404, "status");
    await b.page.getByRole("navigation", { name: "Main" }).waitFor();
    await shoot(b.page, "error-" + look.name);
    equal((await findings(b.page)).join("\n"), "", "axe");
  });
  await tap.step(`a policy that was tried has no findings (${look.name})`, async () => {
    await b.page.goto(house.url + "/settings/security/policy");
    const box = b.page.getByRole("textbox", { name: "Policy of house" });
    await box.fill((await box.inputValue()).replaceAll(/"ec:P-\d+",\s*/g, ""));
    await b.page.getByRole("button", { name: "Try", exact: true }).click();
    await b.page.getByText(/Nothing is changed/).waitFor();
    await shoot(b.page, "tried-" + look.name);
    equal((await findings(b.page)).join("\n"), "", "axe");
    equal(await tooWide(b.page), "", "too wide");
    await box.fill("{");
    await b.page.getByRole("button", { name: "Set", exact: true }).click();
    await b.page.locator("[aria-invalid]").first().waitFor();
    equal((await findings(b.page)).join("\n"), "", "axe, a fault");
  });
  await tap.step(`the sheet has no findings (${look.name})`, async () => {
    const csr = house.cli("csr", "download", "-o", "-");
    await b.page.goto(house.url + "/settings/security/certificate");
    await b.page.getByLabel("What the CA sent").fill(
      ca.sign(csr, { names: ["www.portal.example.com", "portal.example.com"] }) + ca.read("inter.pem"));
    await b.page.getByRole("button", { name: "Check" }).click();
    await b.page.locator(".sheet").first().waitFor();
    await shoot(b.page, "sheet-" + look.name);
    equal((await findings(b.page)).join("\n"), "", "axe");
  });
  await tap.step(`no report of the content security policy (${look.name})`, async () => {
    equal(b.reports.join("\n"), "", "reports");
  });
  await b.close();
}

await tap.step("an invitation is handed over, and its page has no findings", async () => {
  for (const look of looks) {
    const b = await open(look), name = "guest-" + look.name;
    await signIn(b.page, house);
    await b.page.goto(house.url + "/t/acme/settings/accounts");
    await b.page.getByLabel("User name").fill(name);
    await b.page.getByLabel("E-mail").fill(name + "@acme.example");
    await b.page.getByLabel("Role").selectOption("auditor");
    await b.page.getByRole("button", { name: "Invite by a link" }).click();
    const link = await b.page.locator("#link").textContent();
    await shoot(b.page, "invited-" + look.name);
    equal((await findings(b.page)).join("\n"), "", "axe, the link");
    equal(await tooWide(b.page), "", "too wide");
    await b.page.locator("main").getByRole("link", { name, exact: true }).click();
    await b.page.getByRole("button", { name: "Make a new link" }).click();
    const again = await b.page.locator("#link").textContent();
    holds(again !== link, "another link");
    holds(/Auditor/.test(await b.page.getByRole("row", { name }).textContent()), "of the same role");
    await b.close();
    const guest = await open(look);
    equal((await guest.page.goto(link)).status() >= 400, true, "the first link is over");
    await guest.page.goto(again);
    await shoot(guest.page, "invitation-" + look.name);
    equal((await findings(guest.page)).join("\n"), "", "axe, the invitation");
    await guest.page.getByLabel("Password").fill(password);
    await guest.page.getByRole("button", { name: "Set the password" }).click();
    await guest.page.getByRole("heading", { name: "Components" }).waitFor();
    holds((await guest.page.locator(".who").textContent()).includes("Auditor of acme"), "who");
    equal((await findings(guest.page)).join("\n"), "", "axe, inside");
    await guest.close();
  }
});

await tap.step("one-time codes: their pages have no findings, and a code is asked for", async () => {
  const b = await open({ width: 390 });
  await signIn(b.page, house, "second");
  await b.page.goto(house.url + "/account");
  await b.page.getByRole("button", { name: "Set up one-time codes" }).click();
  const secret = await b.page.locator("#secret").textContent();
  equal((await findings(b.page)).join("\n"), "", "axe, the QR code");
  await b.page.getByLabel("One-time code").fill(code(secret));
  await b.page.getByRole("button", { name: "Turn on" }).click();
  await b.page.getByText("One-time codes are on").waitFor();
  await b.page.getByRole("button", { name: "Sign out", exact: true }).click();
  await signIn(b.page, house, "second");
  await b.page.getByRole("heading", { level: 1, name: "One-time code", exact: true }).waitFor();
  equal((await findings(b.page)).join("\n"), "", "axe, the code");
  equal(b.reports.join("\n"), "", "reports");
  await b.close();
});

await tap.step("the first visit to Components weighs less than 60 KiB compressed", async () => {
  const b = await open();
  await signIn(b.page, house);
  const bodies = [];
  b.page.on("response", (r) => bodies.push(r.body().catch(() => Buffer.alloc(0))));
  await b.page.goto(house.url + "/components", { waitUntil: "networkidle" });
  const all = await Promise.all(bodies);
  const size = all.reduce((n, body) => n + zlib.gzipSync(body, { level: 6 }).length, 0);
  holds(size > 1000 && size < 60 * 1024, `${size} bytes`);
  await b.close();
});

await tap.step("M40 Copy copies, and without a clipboard says so and selects the text", async () => {
  const b = await open();
  await b.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(b.page, house);
  await b.page.goto(house.url + "/settings/security/csr");
  const pem = (await b.page.locator("#pem").textContent()).trim();
  const said = b.page.locator("small.copied").first();
  await b.page.getByRole("button", { name: "Copy", exact: true }).click();
  await said.waitFor();
  equal(await said.textContent(), "Copied.", "said");
  equal(await b.page.evaluate(() => navigator.clipboard.readText()), pem + "\n", "the clipboard");
  await b.page.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await b.page.reload();
  await b.page.getByRole("button", { name: "Copy", exact: true }).click();
  await said.waitFor();
  holds(/gives no clipboard here/.test(await said.textContent()), await said.textContent());
  equal((await b.page.evaluate(() => getSelection().toString())).trim(), pem, "the selection");
  await b.close();
});

await tap.step("keyboard alone: every control of SSL CSR is reached in order, with a visible focus", async () => {
  const b = await open();
  await signIn(b.page, house);
  await b.page.goto(house.url + "/settings/security/csr");
  const seen = [];
  for (let i = 0; i < 60; i += 1) {
    await b.page.keyboard.press("Tab");
    const at = await b.page.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      return { name: e.name || e.textContent.trim().slice(0, 30), outline: getComputedStyle(e).outlineStyle };
    });
    if (!at) break;
    holds(at.outline !== "none", `no focus ring on ${at.name}`);
    seen.push(at.name);
  }
  const order = ["Skip to the page", "country", "state", "locality", "organization", "unit",
    "common_name", "email", "names", "Regenerate", "Reset"];
  let last = -1;
  for (const name of order) {
    const i = seen.findIndex((s, n) => n > last && s.startsWith(name));
    holds(i > last, `${name} not reached after ${seen[last]}: ${seen.join(", ")}`);
    last = i;
  }
  await b.close();
});

await closeAll();
ca.close();
await house.close();
tap.end();
