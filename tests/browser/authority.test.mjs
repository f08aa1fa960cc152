// Our own authority in the browser: made, a CSR signed, installed, revoked,
// and a held request approved; with JavaScript, and without it.
import fs from "node:fs";
import path from "node:path";
import { CA, House, closeAll, fields, freePort, open, served, setUp, signIn } from "./house.mjs";
import { Tap, equal, holds } from "./tap.mjs";

const approval = { persons: 1, reason: "people look at it first", reference: "our own", checked: "2026-11-26" };

async function heading(page, text) {
  await page.getByRole("heading", { level: 1, name: text }).waitFor({ timeout: 10000 });
}

async function security(page, entry) {
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  const details = page.locator("nav.menu details");
  if (await details.getAttribute("open") === null) await details.locator("summary").click();
  await page.locator("nav.menu").getByRole("link", { name: entry, exact: true }).click();
  await heading(page, entry);
}

async function tab(page, name) {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).click();
  await heading(page, name);
}

const main = (page) => page.locator("main").textContent();

// Of profile server, as scripts set it.
function setPolicy(house, change) {
  const card = JSON.parse(fs.readFileSync(new URL("../../share/authorities/private.json", import.meta.url), "utf8"));
  const file = path.join(house.base, "policy.json");
  Object.assign(card.profiles[0], change);
  fs.writeFileSync(file, JSON.stringify(card));
  house.cli("profile", "set", file);
}

async function makeCsr(page) {
  await security(page, "SSL CSR");
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
  await page.getByRole("button", { name: "Regenerate" }).click();
  await heading(page, "SSL CSR");
}

async function preview(page) {
  await page.getByRole("combobox", { name: "Authority" }).selectOption({ label: "house, server" });
  await page.getByRole("button", { name: "Preview" }).click();
  await page.locator("section.sheet").waitFor();
  const why = page.locator("section.sheet").getByLabel("Why the key is kept");
  if (await why.count() > 0) await why.fill("clients have it pinned");
}

async function story(javaScript) {
  const tap = new Tap(javaScript ? "our own CA with JavaScript" : "our own CA without JavaScript");
  const house = await House.start("--http-listen", `127.0.0.1:${await freePort()}`);
  const b = await open({ javaScript });
  const { page } = b;
  let serial;

  await setUp(page, house);
  await tap.step("a key, and seven fields make the CSR", async () => {
    await security(page, "SSL Private Key");
    await page.getByRole("button", { name: "Regenerate" }).click();
    await makeCsr(page);
    holds(/BEGIN CERTIFICATE REQUEST/.test(await main(page)), "no CSR");
  });
  await tap.step("Built-in CA says the next step, and makes a CA in one", async () => {
    await security(page, "Built-in CA");
    holds(/There is none yet/.test(await main(page)), await main(page));
    await page.getByLabel("Name", { exact: true }).fill("house");
    await page.getByRole("button", { name: "Make", exact: true }).click();
    await heading(page, "house");
    const table = await page.getByRole("region", { name: "Table of CA certificates" }).textContent();
    holds(/Issues/.test(table) && /Root/.test(table), table);
    holds(/update-ca-certificates/.test(await main(page)), "no steps to trust the root");
  });
  await tap.step("a CA of that name is there already: said beside the field", async () => {
    await security(page, "Built-in CA");
    await page.getByLabel("Name", { exact: true }).fill("house");
    await page.getByRole("button", { name: "Make", exact: true }).click();
    equal(await page.getByLabel("Name", { exact: true }).getAttribute("aria-invalid"), "true", "marked");
  });
  await tap.step("V18 three clicks from the CSR to what is served", async () => {
    await security(page, "SSL CSR");
    await page.getByRole("combobox", { name: "Authority" }).selectOption({ label: "house, server" });
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByRole("button", { name: "Have it signed by house" }).click();
    await heading(page, /^portal\.example\.com/);
    const text = await main(page);
    holds(/It was issued as asked\./.test(text) && /What became of each wish/.test(text), text);
    const pem = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(text)[0];
    await page.getByRole("button", { name: "Install", exact: true }).click();
    await heading(page, "Server Certificate");
    const chain = served(house);
    equal(chain[0], pem, "served");
    equal(chain.length, 2, "with its issuer, without the root");
  });
  await tap.step("M32 Certificates: found while one types; chips, picture and files", async () => {
    await tab(page, "Certificates");
    const rows = page.locator("tbody tr");
    equal(await rows.count(), 3, "root, issuing CA and ours");
    await page.getByLabel("Search").pressSequentially("portal.ex");
    if (!javaScript) await page.getByRole("button", { name: "Search", exact: true }).click();
    await page.getByText("1 found.").first().waitFor();
    equal(await rows.count(), 1, "rows");
    if (javaScript) {
      equal(await page.evaluate(() => document.activeElement.name), "text", "the focus");
      equal(await page.locator("[role=status]").textContent(), "1 found.", "said");
    }
    holds(/text=portal\.ex/.test(page.url()), page.url());
    await page.getByRole("navigation", { name: "State" }).getByRole("link", { name: "Revoked 0" }).click();
    await page.getByText("None that fits.").waitFor();
    await page.getByRole("link", { name: "Show all", exact: true }).click();
    for (const [kind, begin] of [["CSV", "serial,state,name"], ["JSON", '{"issued": [']]) {
      const [d] = await Promise.all([page.waitForEvent("download"),
        page.getByRole("link", { name: kind, exact: true }).click()]);
      holds(fs.readFileSync(await d.path(), "utf8").startsWith(begin), kind);
    }
  });
  await tap.step("Certificates finds it by name, and it is revoked there", async () => {
    await tab(page, "Certificates");
    await page.getByLabel("Search").fill("PORTAL.example");
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await page.getByRole("link", { name: "portal.example.com", exact: true }).click();
    await heading(page, "portal.example.com");
    serial = new URL(page.url()).pathname.split("/").pop();
    await page.locator("summary", { hasText: "Revoke" }).click();
    await page.getByLabel("Reason").selectOption("superseded");
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByText(/Revoked/).first().waitFor();
    const one = JSON.parse(house.cli("certificate", "issued", "--json")).issued.find((i) => i.serial === serial);
    equal(one.state + " " + one.reason, "revoked superseded", "state");
  });
  await tap.step("M37 a compromised key is replaced, step by step", async () => {
    const before = served(house)[0];
    await security(page, "SSL Private Key");
    await page.getByRole("link", { name: "Replace it" }).click();
    await heading(page, "Replace a compromised key");
    await page.getByLabel("What happened").fill("found in a backup");
    await page.getByLabel("I understand").check();
    await page.getByRole("button", { name: "Begin" }).click();
    for (const button of ["Make the request", "Send it", "Install"]) {
      equal(served(house)[0], before, "served before " + button);
      await page.getByRole("button", { name: button, exact: true }).click();
    }
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByText(/The key of portal was replaced/).waitFor();
    holds(served(house)[0] !== before, "the old one is still served");
    equal(served(house).length, 2, "with its issuer");
  });
  await tap.step("M16 a key that is kept wants a reason", async () => {
    await makeCsr(page);
    holds(/It is that of a certificate; nobody said why yet\./.test(await main(page)), await main(page));
    await preview(page);
    const why = page.locator("section.sheet").getByLabel("Why the key is kept");
    equal(await why.getAttribute("required"), "", "required");
    await page.getByRole("button", { name: "Have it signed by house" }).click();
    await heading(page, /^portal\.example\.com/);
    holds(/The key of the certificate before it is kept on purpose: clients have it pinned\./.test(await main(page)), await main(page));
  });
  await tap.step("M29 Policy: sentences; Try says who would be refused, Set is in force", async () => {
    await security(page, "Policy");
    holds(/The seven fields as asked\. All else is left out\./.test(await main(page)), await main(page));
    const box = page.getByRole("textbox", { name: "Policy of house" });
    const card = await box.inputValue();
    await box.fill(card.replaceAll(/"ec:P-256",\s*/g, ""));
    await page.getByRole("button", { name: "Try", exact: true }).click();
    await page.getByText("1 identity of 1 would be refused at its next renewal.").waitFor();
    await page.getByRole("region", { name: "Table of identities that would be refused" }).getByText("portal").waitFor();
    holds(!/"ec:P-256"/.test(await box.inputValue()), "what was typed is gone");
    await box.fill(card.replace("at most 398 days", "at most a year and a month"));
    await page.getByRole("button", { name: "Set", exact: true }).click();
    await page.getByText("Version 1 is in force.").waitFor();
  });
  await tap.step("a request that is held waits, is approved, and is issued", async () => {
    setPolicy(house, { approval });
    await makeCsr(page);
    await preview(page);
    holds(/It will wait for an approval/.test(await main(page)), await main(page));
    await page.getByRole("button", { name: "Have it signed by house" }).click();
    await heading(page, /^portal\.example\.com/);
    holds(/Waits for an approval\.[^]*Once approved, it will be issued as asked\./.test(await main(page)), await main(page));
    await tab(page, "Requests");
    await page.getByRole("row", { name: /Waits for approval/ }).getByRole("link").click();
    await page.getByRole("button", { name: "Approve", exact: true }).click();
    await page.getByText("It was issued as asked.").waitFor();
    await page.getByRole("button", { name: "Install", exact: true }).waitFor();
  });
  await tap.step("a request that is held is rejected, with the reason", async () => {
    await makeCsr(page);
    await preview(page);
    await page.getByRole("button", { name: "Have it signed by house" }).click();
    await page.locator("summary", { hasText: "Reject" }).click();
    await page.getByLabel("Reason").fill("not ours");
    await page.getByRole("button", { name: "Reject", exact: true }).click();
    await page.getByText(/Rejected .* by root: not ours/).waitFor();
    equal(await page.getByRole("button", { name: "Approve" }).count(), 0, "can still be approved");
  });
  await tap.step("M18 a CA that is asked by hand: sent, waiting, answered", async () => {
    const ca = new CA();
    await security(page, "SSL Private Key");
    await page.getByRole("button", { name: "Regenerate" }).click();
    await makeCsr(page);
    await page.getByRole("combobox", { name: "Authority" }).selectOption("private:server");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByLabel("Order number").fill("4711");
    await page.getByRole("button", { name: "I send it to this CA" }).click();
    await page.getByText("Waits for the answer of").waitFor();
    const csr = await page.locator("#pem").textContent();
    await tab(page, "Requests");
    await page.getByRole("row", { name: /Waits for its answer.*Order 4711/ }).getByRole("link").click();
    await page.getByRole("link", { name: "Server Certificate" }).click();
    const leaf = ca.sign(csr, { names: ["portal.example.com"] });
    await page.getByLabel("What the CA sent").fill(ca.mail(leaf));
    await page.getByRole("button", { name: "Check" }).click();
    await page.getByRole("button", { name: "Install", exact: true }).click();
    await heading(page, "Server Certificate");
    equal(served(house)[0], leaf.trim(), "served");
    await tab(page, "Requests");
    await page.getByRole("row", { name: /Answered.*Order 4711/ }).getByRole("link").click();
    holds(/What became of each wish/.test(await main(page)), await main(page));
    ca.close();
  });
  await tap.step("a new issuing CA, then it is retired", async () => {
    await page.goto(house.url + "/settings/security/ca/house");
    await page.locator("summary", { hasText: "New issuing CA" }).click();
    await page.getByRole("button", { name: "Roll over" }).click();
    await page.getByText(/Signs lists of revoked certificates only/).first().waitFor();
    await page.locator("summary", { hasText: "Retire" }).click();
    await page.getByRole("button", { name: "Retire", exact: true }).click();
    await page.locator("p.status").getByText("Retired").waitFor();
  });
  await tap.step("zero reports of the content security policy, no other host", async () => {
    equal(b.reports.join("\n"), "", "reports");
    equal([...b.hosts].join(","), `127.0.0.1:${house.port}`, "hosts");
  });
  await b.close();
  await house.close();
  tap.end();
}

await story(true);
await story(false);
await closeAll();
