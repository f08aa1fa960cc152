// Applications: moved to another address, on trial, kept and taken back; with
// the pointer, by keyboard alone and without JavaScript.
import { House, closeAll, freePort, open, setUp, signIn } from "./house.mjs";
import { findings, looks, shoot, tooWide } from "./looks.mjs";
import { Tap, equal, holds } from "./tap.mjs";

const where = "/settings/security/applications";
const tap = new Tap("applications");
const ports = { second: await freePort(), plain: await freePort() };
const house = await House.start("--listen", `127.0.0.1:${ports.second}`, "--http-listen", `127.0.0.1:${ports.plain}`);
const first = `127.0.0.1:${house.port}`;
const second = `127.0.0.1:${ports.second}`;

async function clean(page, name) {
  await shoot(page, name);
  equal((await findings(page)).join("\n"), "", "axe");
  equal(await tooWide(page), "", "too wide");
}

const box = (page, of, at) => page.getByLabel(`${of} application on ${at}`, { exact: true });
const button = (page, name) => page.getByRole("button", { name, exact: true });
const trial = (page) => page.getByRole("heading", { name: /^On trial until \d\d:\d\d:\d\d UTC$/ });

async function served(at) {
  const r = await b.context.request.get(`https://${at}/super`, { maxRedirects: 0 });
  return r.status() !== 404;
}

let b;
for (const look of looks) {
  b = await open(look);
  const { page } = b;
  if (look.name === "light") await setUp(page, house);
  else await signIn(page, house);
  await tap.step(`V44 M38 moved, tried, kept from the new address, and taken back (${look.name})`, async () => {
    await page.goto(house.url + where);
    await clean(page, "applications-form-" + look.name);
    await box(page, "Super Admin’s", first).uncheck();
    await button(page, "Try").click();
    await trial(page).waitFor();
    equal(await button(page, "Keep").count(), 0, "no Keep where it is not served");
    await clean(page, "applications-elsewhere-" + look.name);
    equal(await served(first), false, "the first address");
    await page.getByRole("link", { name: `Go to ${second}`, exact: true }).click();
    await trial(page).waitFor();
    await clean(page, "applications-trial-" + look.name);
    await button(page, "Keep").click();
    await trial(page).waitFor({ state: "detached" });
    equal(new URL(page.url()).host, second, "it goes on there");
    equal(await box(page, "Super Admin’s", first).isChecked(), false, "kept");
    await box(page, "Super Admin’s", first).check();
    await box(page, "Tenants’", second).uncheck();
    await button(page, "Try").click();
    await trial(page).waitFor();
    equal(await served(first), true, "both again");
    await button(page, "Take back").click();
    await trial(page).waitFor({ state: "detached" });
    equal(await served(first), false, "taken back");
    await box(page, "Super Admin’s", second).uncheck();
    await button(page, "Try").click();
    await page.locator("#e-super").waitFor();
    await clean(page, "applications-wrong-" + look.name);
    house.cli("config", "applications", "--super", "all");
    house.cli("config", "applications", "--keep");
    equal(b.reports.join("\n"), "", "reports");
  });
  await b.close();
}

b = await open({ javaScript: false });
await tap.step("V44 V45 M38 without JavaScript", async () => {
  const { page } = b;
  await signIn(page, house);
  await page.goto(house.url + where);
  await page.getByLabel("Port of HTTPS").fill("99999");
  await page.locator("form", { has: page.getByLabel("Port of HTTPS") }).getByRole("button").click();
  holds(/no port/.test(await page.locator("#e-port").textContent()), "said beside the field");
  await page.getByLabel("Port of HTTPS").fill(String(house.port));
  await page.locator("form", { has: page.getByLabel("Port of HTTPS") }).getByRole("button").click();
  await page.getByText(`is sent on to HTTPS, port ${house.port}`).waitFor();
  await page.getByLabel("Days", { exact: true }).fill("30");
  await page.getByLabel("All names below, too").check();
  await page.locator("form", { has: page.getByLabel("Days", { exact: true }) }).getByRole("button").click();
  await page.getByText("max-age=2592000; includeSubDomains").waitFor();
  await page.getByLabel("Days", { exact: true }).fill("0");
  await page.locator("form", { has: page.getByLabel("Days", { exact: true }) }).getByRole("button").click();
  await page.getByText("told to forget it").first().waitFor();
  await box(page, "Super Admin’s", first).uncheck();
  await button(page, "Try").click();
  await page.getByRole("link", { name: `Go to ${second}`, exact: true }).click();
  await button(page, "Take back").click();
  equal(await trial(page).count(), 0, "taken back");
  equal(await served(first), true, "as before");
});
await b.close();

b = await open();
await tap.step("V44 M41 by keyboard alone", async () => {
  const { page } = b;
  const reach = async (locator) => {
    await locator.waitFor();
    for (let n = 0; n < 100; n += 1) {
      const at = await locator.evaluate((e) => e === document.activeElement && getComputedStyle(e).outlineStyle);
      if (at) return holds(at !== "none", "the focus cannot be seen");
      await page.keyboard.press("Tab");
    }
    throw new Error("not reached with Tab: " + locator);
  };
  await signIn(page, house);
  await page.goto(house.url + where);
  await reach(box(page, "Tenants’", first));
  await page.keyboard.press("Space");
  await reach(button(page, "Try"));
  await page.keyboard.press("Enter");
  await trial(page).waitFor();
  await reach(button(page, "Keep"));
  await page.keyboard.press("Enter");
  await trial(page).waitFor({ state: "detached" });
  equal(await box(page, "Tenants’", first).isChecked(), false, "kept");
});
await b.close();

house.cli("ca", "create", "--name", "house");
house.cli("ca", "create", "--name", "branch");
for (const look of looks) {
  b = await open(look);
  await tap.step(`V46 M38 client certificates, asked for and required (${look.name})`, async () => {
    const { page } = b;
    await signIn(page, house);
    await page.goto(house.url + where);
    await clean(page, "applications-clients-" + look.name);
    await page.getByLabel(`Client certificate asked for on ${second}`).check();
    await page.getByLabel("house", { exact: true }).check();
    await button(page, "Try").click();
    await trial(page).waitFor();
    await button(page, "Keep").click();
    await trial(page).waitFor({ state: "detached" });
    equal(await page.getByLabel(`Client certificate asked for on ${second}`).isChecked(), true, "kept");
    equal(await page.getByLabel("house", { exact: true }).isChecked(), true, "whose count");
    equal(await page.getByLabel("branch", { exact: true }).isChecked(), false, "whose do not");
    await page.getByLabel(`Client certificate required on ${first}`).check();
    await button(page, "Try").click();
    await trial(page).waitFor();
    equal(await button(page, "Keep").count(), 0, "who has none cannot keep it here");
    await clean(page, "applications-required-" + look.name);
    house.cli("config", "applications", "--revert");
    await page.goto(house.url + where);
    equal(await page.getByLabel(`Client certificate required on ${first}`).isChecked(), false, "taken back");
    house.cli("config", "applications", "--client-asked", "none", "--client-cas", "all");
    house.cli("config", "applications", "--keep");
    equal(b.reports.join("\n"), "", "reports");
  });
  await b.close();
}

tap.end();
await closeAll();
await house.close();
