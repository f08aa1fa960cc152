// System License with a vendor: the form, a wrong file, the licence and its use;
// each look without findings.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { House, closeAll, open, setUp, signIn } from "./house.mjs";
import { findings, looks, shoot, tooWide } from "./looks.mjs";
import { Tap, equal, holds } from "./tap.mjs";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cw-vendor-"));
const at = (name) => path.join(folder, name);

function openssl(...args) {
  execFileSync("openssl", args, { stdio: "pipe" });
}

function sign(licence) {
  fs.writeFileSync(at("licence.json"), JSON.stringify({ version: 1, licensee: "Example Ltd", expires: "2099-12-31", ...licence }));
  openssl("cms", "-sign", "-binary", "-nodetach", "-nocerts", "-md", "sha256", "-in", at("licence.json"),
    "-signer", at("vendor.pem"), "-inkey", at("vendor.key"), "-outform", "DER", "-out", at("licence.cms"));
  return at("licence.cms");
}

openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
  "-subj", "/CN=vendor", "-keyout", at("vendor.key"), "-out", at("vendor.pem"));

const tap = new Tap("license");
const house = await House.start("--license-key", at("vendor.pem"));

async function clean(page, name) {
  await shoot(page, name);
  equal((await findings(page)).join("\n"), "", "axe");
  equal(await tooWide(page), "", "too wide");
}

for (const look of looks) {
  const b = await open(look);
  if (look.name === "light") await setUp(b.page, house);
  else await signIn(b.page, house);
  await tap.step(`V55 a licence is uploaded, and a wrong file is refused (${look.name})`, async () => {
    await b.page.goto(house.url + "/settings");
    if (look.name === "light") holds(/No licence is here/.test(await b.page.locator(".status").textContent()), "none yet");
    await clean(b.page, "license-form-" + look.name);
    await b.page.getByLabel("Licence file").setInputFiles(at("vendor.pem"));
    await b.page.getByRole("button", { name: "Upload", exact: true }).click();
    await b.page.locator("[aria-invalid]").first().waitFor();
    holds(/This is no licence/.test(await b.page.locator("#e-files").textContent()), "said beside the file");
    await clean(b.page, "license-wrong-" + look.name);
    await b.page.getByLabel("Licence file").setInputFiles(sign({ tenants: 40 }));
    await b.page.getByRole("button", { name: "Upload", exact: true }).click();
    await b.page.getByText("Licensed to Example Ltd until 2099-12-31.").waitFor();
    await b.page.getByText("0 of 40").waitFor();
    await clean(b.page, "license-there-" + look.name);
    equal(b.reports.join("\n"), "", "reports");
  });
  await b.close();
}

fs.rmSync(folder, { recursive: true });
tap.end();
await closeAll();
await house.close();
