// Chromium and the root of our own CA: before it is in the browser's store the
// portal's page is refused, after that it is there without a word.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { House, closeAll, freePort, launch } from "./house.mjs";
import { Tap, equal, holds } from "./tap.mjs";

const name = "portal.example.com";

// A certificate of our own authority for the portal, by the command line.
async function served() {
  const house = await House.start("--http-listen", `127.0.0.1:${await freePort()}`);
  house.cli("ca", "create", "--name", "house");
  house.cli("key", "generate", "--type", "ec:P-256");
  house.cli("csr", "regenerate", "--country", "US", "--state", "New Jersey", "--locality", "Hackensack",
    "--organization", "Example", "--unit", "Video", "--common-name", name, "--email", "pki@example.com");
  const sent = JSON.parse(house.cli("request", "submit", "--authority", "house", "--json"));
  house.cli("certificate", "install", "--request", sent.id);
  return house;
}

function certutil(store, ...args) {
  return execFileSync("certutil", ["-d", `sql:${store}`, ...args], { encoding: "utf8" });
}

// A fresh person: a home of their own, and an empty store.
function newHome(house) {
  const home = path.join(house.base, "home"), store = path.join(home, ".pki/nssdb");
  fs.mkdirSync(store, { recursive: true });
  certutil(store, "-N", "--empty-password");
  return { home, store };
}

// What the browser says of the page: the facts of its connection, or the error.
async function visit(house, home) {
  const browser = await launch({ env: { ...process.env, HOME: home },
    args: [`--host-resolver-rules=MAP ${name} 127.0.0.1`] });
  const page = await (await browser.newContext({ ignoreHTTPSErrors: false })).newPage();
  try {
    const r = await page.goto(`https://${name}:${house.port}/super`);
    return { status: r.status(), security: await r.securityDetails(), title: await page.title() };
  } catch (e) {
    return { error: String(e) };
  } finally {
    await browser.close();
  }
}

const tap = new Tap("Chromium and our own root");
const house = await served();
const { home, store } = newHome(house);

await tap.step("before its root is trusted the page is refused", async () => {
  const got = await visit(house, home);
  holds(/ERR_CERT_AUTHORITY_INVALID/.test(got.error), JSON.stringify(got));
});
await tap.step("once it is, the page is there", async () => {
  const root = path.join(house.base, "root.pem");
  fs.writeFileSync(root, JSON.parse(house.cli("ca", "show", "house", "--json")).root);
  certutil(store, "-A", "-n", "house", "-t", "C,,", "-i", root);
  const got = await visit(house, home);
  holds(!got.error, got.error);
  equal(got.status, 200, "status");
  equal(got.security.issuer, "house Issuing CA", "issuer");
  equal(got.security.subjectName, name, "subject");
});
await tap.step("without it again it is refused again", async () => {
  certutil(store, "-D", "-n", "house");
  const got = await visit(house, home);
  holds(/ERR_CERT_AUTHORITY_INVALID/.test(got.error), JSON.stringify(got));
});

tap.end();
await closeAll();
await house.close();
