// The procedure that must work, step by step, by the words on the screen:
// with JavaScript, and without it.
import { CA, House, fields, open, password, served, setUp, signIn } from "./house.mjs";
import { Tap, equal, holds } from "./tap.mjs";

async function heading(page, text) {
  await page.getByRole("heading", { level: 1, name: text, exact: true }).waitFor({ timeout: 10000 });
}

async function openSecurity(page) {
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  const details = page.locator("nav.menu details");
  if (await details.getAttribute("open") === null) await details.locator("summary").click();
}

async function security(page, entry) {
  await openSecurity(page);
  await page.locator("nav.menu").getByRole("link", { name: entry, exact: true }).click();
  await heading(page, entry);
}

async function fill(page, values) {
  for (const [label, value] of Object.entries(values)) {
    await page.getByLabel(label).fill(value);
  }
}

async function pem(page) {
  return (await page.locator("pre.pem").first().textContent()).trim() + "\n";
}

async function story(javaScript) {
  const tap = new Tap(javaScript ? "with JavaScript" : "without JavaScript");
  const house = await House.start();
  const ca = new CA();
  const b = await open({ javaScript });
  const { page } = b;
  let first, csr, leaf, selfSigned;

  await tap.step("V55 the first start's link makes the first account", async () => {
    await setUp(page, house);
    await heading(page, "Components");
  });
  await tap.step("the link works once", async () => {
    const r = await page.goto(house.url + house.setup);
    holds(r.status() >= 400, `status ${r.status()}`);
  });
  await tap.step("V6 a page asked for while signed out comes after sign-in", async () => {
    await page.goto(house.url + "/components");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.goto(house.url + "/settings/security/csr");
    await page.getByLabel("User name").fill("root");
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.locator("form").first().locator("button[type=submit]").click();
    await heading(page, "SSL CSR");
    await page.getByRole("button", { name: "Sign out" }).click();
  });
  await tap.step("V1 V2 sign in at /super; Components shows", async () => {
    await signIn(page, house);
    await heading(page, "Components");
    holds(page.url().endsWith("/components"), page.url());
    holds((await page.locator("main").textContent()).includes("--targets FILE"), "how a server of this host gets certificates");
  });
  await tap.step("V3 Settings opens on Upload System License", async () => {
    await page.getByRole("link", { name: "Settings", exact: true }).click();
    await heading(page, "Upload System License");
  });
  await tap.step("V4 Security is closed and opens by keyboard", async () => {
    const details = page.locator("nav.menu details");
    equal(await details.getAttribute("open"), null, "open at first");
    await details.locator("summary").focus();
    await page.keyboard.press("Enter");
    holds(await details.getAttribute("open") !== null, "did not open");
    await page.locator("nav.menu").getByRole("link", { name: "SSL CSR", exact: true }).waitFor();
  });
  await tap.step("V5 the entry SSL CSR opens the page SSL CSR", async () => {
    await page.locator("nav.menu").getByRole("link", { name: "SSL CSR", exact: true }).click();
    await heading(page, "SSL CSR");
  });
  await tap.step("V7 seven fields with these labels, in this order", async () => {
    const labels = await page.locator("main form label").evaluateAll((all) =>
      all.map((l) => l.firstChild.textContent.trim())).catch(async () =>
      (await page.locator("main form label").allTextContents()).map((t) => t.trim()));
    Object.keys(fields).concat("Alternative Names").forEach((label, i) =>
      holds((labels[i] || "").startsWith(label), `label ${i}: ${labels[i]}`));
  });
  await tap.step("V17 without a key: a message with a link to SSL Private Key", async () => {
    await fill(page, fields);
    await page.getByRole("button", { name: "Regenerate" }).click();
    await page.locator("main").getByRole("link", { name: /SSL Private Key/ }).first().click();
    await heading(page, "SSL Private Key");
  });
  await tap.step("V23 Regenerate makes a private key; type and size show", async () => {
    await page.getByRole("button", { name: "Regenerate" }).click();
    await heading(page, "SSL Private Key");
    holds(/EC P-256/.test(await page.locator("main").textContent()), "no type on the page");
    holds(!/PRIVATE KEY/.test(await page.content()), "a key on the page");
  });
  await tap.step("V10 each empty field has its message, and no CSR is made", async () => {
    await security(page, "SSL CSR");
    for (const label of Object.keys(fields)) {
      await fill(page, { ...fields, [label]: "" });
      await page.locator("main form").first().evaluate((f) => { f.noValidate = true; }).catch(() => {});
      await page.getByRole("button", { name: "Regenerate" }).click();
      await heading(page, "SSL CSR");
      equal(await page.getByLabel(label).getAttribute("aria-invalid"), "true", label);
      equal(await page.locator("pre.pem").count(), 0, "CSR made");
    }
  });
  await tap.step("V13 Regenerate makes the CSR and shows it", async () => {
    await fill(page, { ...fields, "Alternative Names": "portal.example.com\nwww.portal.example.com" });
    await page.getByRole("button", { name: "Regenerate" }).click();
    await heading(page, "SSL CSR");
    first = await pem(page);
    holds(first.startsWith("-----BEGIN CERTIFICATE REQUEST-----"), first);
  });
  await tap.step("V15 Reset brings back what was saved", async () => {
    await fill(page, { "Locality": "Elsewhere", "Organization Name": "Other" });
    await page.getByRole("link", { name: "Reset" }).click();
    equal(await page.getByLabel("Locality").inputValue(), fields.Locality, "Locality");
    equal(await page.getByLabel("Organization Name").inputValue(), fields["Organization Name"], "O");
  });
  await tap.step("V15 it is there after a restart", async () => {
    await house.restart();
    await page.goto(house.url + "/settings/security/csr");
    if (await page.getByLabel("User name").count()) await signIn(page, house);
    await page.goto(house.url + "/settings/security/csr");
    equal(await page.getByLabel("Organization Name").inputValue(), fields["Organization Name"], "O");
    equal(await pem(page), first, "the CSR");
  });
  await tap.step("V16 made anew from the same key; the first is kept", async () => {
    await fill(page, { "Organization Unit": "Conferencing" });
    await page.getByRole("button", { name: "Regenerate" }).click();
    csr = await pem(page);
    holds(csr !== first, "the same CSR");
    holds(/Request 1\b/.test(await page.locator("main").textContent()), "the first is not listed");
  });
  await tap.step("V12 M1 what an authority will make of it, before it is sent", async () => {
    await page.getByRole("combobox", { name: "Authority" }).selectOption({ label: "Let's Encrypt, classic" });
    await page.getByLabel("Days").fill("365");
    await page.getByRole("button", { name: "Preview" }).click();
    await heading(page, "SSL CSR");
    const sheet = page.locator("section.sheet");
    holds(/What Let.s Encrypt will make of it/.test(await sheet.textContent()), "no preview");
    const row = sheet.getByRole("row", { name: /^Organization Unit/ });
    holds(/dropped/.test(await row.textContent()), await row.textContent());
    holds(/90 days/.test(await sheet.getByRole("row", { name: /^Life/ }).textContent()), "life");
    holds(/leaves it out/.test(await page.locator("#f-unit").textContent()), "beside the field");
    equal(await pem(page), csr, "the CSR changed");
  });
  await tap.step("downloads are the CSR", async () => {
    const [d] = await Promise.all([page.waitForEvent("download"),
      page.getByRole("link", { name: "Download PEM" }).click()]);
    const fs = await import("node:fs");
    equal(fs.readFileSync(await d.path(), "utf8").trim(), csr.trim(), "PEM");
  });
  await tap.step("V31 V33 the CA's whole e-mail is read; the sheet shows", async () => {
    selfSigned = served(house)[0];
    leaf = ca.sign(csr, { names: ["portal.example.com", "www.portal.example.com", "extra.example.com"] });
    await security(page, "Server Certificate");
    await page.getByLabel("What the CA sent").fill(ca.mail(leaf));
    await page.getByRole("button", { name: "Check" }).click();
    const text = await page.locator("main").textContent();
    holds(/added/.test(text) && /granted/.test(text) && /extra\.example\.com/.test(text), text);
    equal(served(house)[0], selfSigned, "installed before Install");
  });
  await tap.step("V37 Install; the portal serves it from the next handshake on", async () => {
    await page.getByRole("button", { name: "Install", exact: true }).click();
    await heading(page, "Server Certificate");
    const chain = served(house);
    equal(chain[0], leaf.trim(), "leaf");
    equal(chain[1], ca.read("inter.pem").trim(), "intermediate");
    equal(chain.length, 2, "root left out");
  });
  await tap.step("the picture of validity stands on Server Certificate", async () => {
    holds(await page.locator("figure svg").count() >= 1, "no picture");
  });
  await tap.step("V38 Server CA Certificates lists the intermediate", async () => {
    await security(page, "Server CA Certificates");
    holds(/Example TLS CA 1/.test(await page.locator("main").textContent()), "not listed");
  });
  await tap.step("M6 Roll back returns to the one before, in one act", async () => {
    await security(page, "Server Certificate");
    await page.getByRole("button", { name: /^Roll back/ }).click();
    if (served(house)[0] !== selfSigned) {
      await page.getByRole("button", { name: /^Roll back/ }).click();
    }
    equal(served(house)[0], selfSigned, "served");
  });
  await tap.step("Activity shows what was done", async () => {
    await page.getByRole("link", { name: "Activity", exact: true }).click();
    await heading(page, "Activity");
    const text = await page.locator("main").textContent();
    for (const act of ["csr.regenerate", "certificate.install", "certificate.rollback"])
      holds(text.includes(act), act);
  });
  await tap.step("zero reports of the content security policy, no other host", async () => {
    equal(b.reports.join("\n"), "", "reports");
    equal([...b.hosts].join(","), `127.0.0.1:${house.port}`, "hosts");
  });
  await b.close();
  ca.close();
  await house.close();
  tap.end();
}

await story(true);
await story(false);
