// The whole procedure by keyboard alone: no pointer touches the page. What is
// wanted is reached with Tab and shows that it has the focus.
import { CA, House, fields, open, password, served } from "./house.mjs";
import { Tap, equal, holds } from "./tap.mjs";

const tap = new Tap("by keyboard alone");
const house = await House.start();
const ca = new CA();
const b = await open();
const { page } = b;
const { keyboard } = page;

async function heading(text) {
  await page.getByRole("heading", { level: 1, name: text, exact: true }).waitFor({ timeout: 10000 });
}

async function reach(locator) {
  await locator.waitFor();
  for (let n = 0; n < 100; n += 1) {
    const at = await locator.evaluate((e) => e === document.activeElement && getComputedStyle(e).outlineStyle);
    if (at) {
      holds(at !== "none", "the focus cannot be seen");
      return;
    }
    await keyboard.press("Tab");
  }
  throw new Error("not reached with Tab: " + locator);
}

async function enter(role, name) {
  await reach(page.getByRole(role, { name, exact: typeof name === "string" }).first());
  await keyboard.press("Enter");
}

async function write(label, text) {
  await reach(page.getByLabel(label, { exact: true }));
  await keyboard.press("Control+A");
  await keyboard.insertText(text);
}

async function goTo(name) {
  await enter("link", "Settings");
  await heading("Upload System License");
  await reach(page.locator("nav.menu summary"));
  await keyboard.press("Enter");
  await enter("link", name);
  await heading(name);
}

let leaf;
const own = served(house)[0];
await tap.step("M41 the first account, and Components", async () => {
  await page.goto(house.url + house.setup);
  await write("User name", "root");
  await write("E-mail", "root@example.com");
  await write("Password", password);
  await keyboard.press("Enter");
  await heading("Components");
});
await tap.step("M41 a private key of the chosen type", async () => {
  await goTo("SSL Private Key");
  await reach(page.getByLabel("Key type"));
  await keyboard.type("EC P-256");
  await enter("button", "Regenerate");
  await page.getByText("The next CSR is made from generation 1, EC P-256").waitFor();
});
await tap.step("M41 seven fields, and the CSR", async () => {
  await goTo("SSL CSR");
  for (const [label, value] of Object.entries(fields))
    await write(label, value);
  await enter("button", "Regenerate");
  await page.locator("pre.pem").first().waitFor();
});
await tap.step("M41 what the CA sent, checked and installed", async () => {
  const csr = await page.locator("pre.pem").first().textContent();
  leaf = ca.sign(csr, { names: ["portal.example.com"] });
  await goTo("Server Certificate");
  await write("What the CA sent", ca.mail(leaf));
  await enter("button", "Check");
  await enter("button", "Install");
  await heading("Server Certificate");
  equal(served(house)[0], leaf.trim(), "served");
});
await tap.step("M41 rolled back", async () => {
  await enter("button", /^Roll back/);
  await heading("Server Certificate");
  equal(served(house)[0], own, "served");
});
await tap.step("M41 signed out, and in again", async () => {
  await enter("button", "Sign out");
  await heading("Sign in");
  await page.goto(house.url + "/super");
  await write("User name", "root");
  await write("Password", password);
  await keyboard.press("Enter");
  await heading("Components");
});
await tap.step("no report of the content security policy", async () => {
  equal(b.reports.join("\n"), "", "reports");
});
await b.close();
ca.close();
await house.close();
tap.end();
