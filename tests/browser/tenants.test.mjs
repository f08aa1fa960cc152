// A provider: three tenants, a coverage plan applied, each name served under the
// right certificate, and an nginx that gets what is installed; in the browser.
import { spawn, execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { House, closeAll, fields, freePort, open, setUp } from "./house.mjs";
import { Tap, equal, holds } from "./tap.mjs";

const tap = new Tap("tenants");
const names = ["red", "green", "blue"];
const base = "vc.example.com";

async function heading(page, text) {
  await page.getByRole("heading", { level: 1, name: text }).waitFor({ timeout: 10000 });
}

const main = (page) => page.locator("main").textContent();

// The names of the certificate that a client is shown.
function presented(port, name) {
  const run = (args, input) => execFileSync("openssl", args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] });
  const shown = run(["s_client", "-connect", `127.0.0.1:${port}`, "-servername", name], "");
  return run(["x509", "-noout", "-serial", "-ext", "subjectAltName"], shown);
}

async function until(what, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; ;) {
    const value = await what();
    if (value) return value;
    if (Date.now() > end) throw new Error(`it did not come about within ${seconds} s`);
    await new Promise((r) => setTimeout(r, 100));
  }
}

// An nginx with a first pair of its own, in a folder of its own.
class Nginx {
  static async start() {
    const n = new Nginx();
    n.dir = fs.mkdtempSync(path.join(os.tmpdir(), "cw-nginx-"));
    fs.chmodSync(n.dir, 0o755);
    n.port = await freePort();
    execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
      "web.key", "-out", "web.pem", "-subj", "/CN=old.example", "-addext", "subjectAltName=DNS:old.example"],
    { cwd: n.dir, stdio: "ignore" });
    fs.writeFileSync(path.join(n.dir, "nginx.conf"), `daemon off; ${process.getuid() === 0 ? "user root;" : ""} worker_processes 1;
pid ${n.dir}/nginx.pid; error_log ${n.dir}/error.log; events { worker_connections 64; }
http { access_log off; client_body_temp_path ${n.dir}/b; proxy_temp_path ${n.dir}/p; fastcgi_temp_path ${n.dir}/f;
uwsgi_temp_path ${n.dir}/u; scgi_temp_path ${n.dir}/s;
server { listen 127.0.0.1:${n.port} ssl; ssl_certificate ${n.dir}/web.pem; ssl_certificate_key ${n.dir}/web.key; } }
`);
    fs.writeFileSync(path.join(n.dir, "targets"), `[web]
kind = files
certificate = ${n.dir}/web.pem
key = ${n.dir}/web.key
test = /usr/sbin/nginx -t -q -p ${n.dir} -c nginx.conf
reload = /usr/sbin/nginx -s reload -p ${n.dir} -c nginx.conf
`);
    n.process = spawn("/usr/sbin/nginx", ["-p", n.dir, "-c", "nginx.conf"], { stdio: "ignore" });
    await until(() => fs.existsSync(path.join(n.dir, "nginx.pid")));
    return n;
  }

  async stop() {
    const ended = new Promise((resolve) => this.process.on("exit", resolve));
    this.process.kill("SIGTERM");
    await ended;
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

const nginx = await Nginx.start();
const house = await House.start("--targets", path.join(nginx.dir, "targets"));
const { page, reports, close } = await open({ javaScript: false });

await setUp(page, house);
await tap.step("V25 three tenants, and the base domain that gives each a name", async () => {
  for (const name of names) {
    await page.goto(house.url + "/tenants");
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await heading(page, name);
  }
  await page.goto(house.url + "/settings/security/names");
  await page.getByRole("textbox", { name: "Base domain" }).fill(base);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  for (const name of names) holds((await main(page)).includes(`${name}.${base}`), await main(page));
  await page.getByRole("searchbox", { name: "Search" }).fill("gree");
  await page.getByRole("button", { name: "Search" }).click();
  const found = await page.locator("table").textContent();
  holds(found.includes(`green.${base}`) && !found.includes(`red.${base}`), found);
});
await tap.step("an authority of our own", async () => {
  await page.goto(house.url + "/settings/security/ca");
  await page.getByLabel("Name", { exact: true }).fill("house");
  await page.getByRole("button", { name: "Make", exact: true }).click();
  await heading(page, "house");
});
await tap.step("V28 the plan proposes one wildcard for all of them, and the name above", async () => {
  await page.goto(house.url + "/settings/security/names");
  await page.getByRole("link", { name: "Coverage plan" }).click();
  await heading(page, "Coverage plan");
  await page.getByRole("combobox", { name: "Authority" }).selectOption({ label: "house, server" });
  await page.getByRole("button", { name: "Plan", exact: true }).click();
  const text = await main(page);
  holds(text.includes("One certificate is to be asked for") && text.includes(`*.${base}`), text);
  for (const name of names) holds(text.includes(`${name}.${base}`), name);
});
await tap.step("applied, each name is served under the right certificate", async () => {
  for (const [label, value] of Object.entries(fields))
    if (label !== "Common Name") await page.getByLabel(label).fill(value);
  await page.getByRole("button", { name: "Apply" }).click();
  await heading(page, "Coverage plan");
  holds((await main(page)).includes("1 certificate is installed, and presented from now on."), await main(page));
  for (const name of names) holds(presented(house.port, `${name}.${base}`).includes(`DNS:*.${base}`), name);
  holds(!presented(house.port, `a.red.${base}`).includes(`DNS:*.${base}`), "a wildcard covers one label");
});
await tap.step("V29 a fourth tenant is covered at once", async () => {
  await page.goto(house.url + "/tenants");
  await page.getByLabel("Name", { exact: true }).fill("white");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await heading(page, "white");
  holds(presented(house.port, `white.${base}`).includes(`DNS:*.${base}`), "not covered");
  await page.goto(house.url + "/settings/security/names/plan");
  holds(/All|every|nothing|0 /i.test(await page.locator("p.status").first().textContent()), await main(page));
});
await tap.step("a role that was chosen stays when another field is refused", async () => {
  await page.goto(house.url + "/settings/accounts");
  await page.getByLabel("User name").fill("not a name");
  await page.getByLabel("E-mail").fill("jane@example.com");
  await page.getByLabel("Role").selectOption("auditor");
  await page.getByRole("button", { name: "Invite by a link" }).click();
  await page.locator("#e-name").waitFor();
  equal(await page.getByLabel("Role").inputValue(), "auditor", "the role");
});
await tap.step("V41 an nginx gets what is installed, and presents it", async () => {
  await page.goto(house.url + "/components");
  await page.getByRole("link", { name: "SSL Private Key" }).last().click();
  await heading(page, "SSL Private Key");
  for (const name of ["-web", "webb", "web"]) {
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    if (name === "-web") holds(/letter or digit/.test(await page.locator("#e-name").textContent()), "said at the field");
    else await page.locator("nav.choice a[aria-current]", { hasText: name }).waitFor();
    if (name === "webb") await page.getByRole("button", { name: "Delete the identity webb" }).click();
  }
  equal(await page.locator("nav.choice a", { hasText: "webb" }).count(), 0, "deleted");
  await page.goto(house.url + "/components");
  await page.getByLabel("Name", { exact: true }).fill("we b");
  await page.getByLabel("Identity").selectOption("web");
  await page.getByLabel("STARTTLS").selectOption("smtp");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.locator("#e-name").waitFor();
  equal(await page.getByLabel("Identity").inputValue(), "web", "what was chosen stays");
  equal(await page.getByLabel("STARTTLS").inputValue(), "smtp", "what was chosen stays");
  await page.getByLabel("STARTTLS").selectOption("");
  await page.getByLabel("Name", { exact: true }).fill("web");
  await page.getByLabel("Target").selectOption("web");
  await page.getByLabel("Identity").selectOption("web");
  await page.getByLabel("Address").fill(`127.0.0.1:${nginx.port}`);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await heading(page, "web");
  await page.locator("main").getByRole("link", { name: "private key" }).click();
  await page.getByRole("button", { name: "Regenerate" }).click();
  await page.goto(house.url + "/settings/security/csr?identity=web");
  for (const [label, value] of Object.entries({ ...fields, "Common Name": "web.example.com" }))
    await page.getByLabel(label).fill(value);
  await page.getByRole("button", { name: "Regenerate" }).click();
  await page.getByRole("combobox", { name: "Authority" }).selectOption({ label: "house, server" });
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByRole("button", { name: "Have it signed by house" }).click();
  await page.getByRole("button", { name: "Install" }).click();
  await until(async () => {
    await page.goto(house.url + "/components/web");
    return /delivered/i.test(await main(page));
  });
  await until(() => presented(nginx.port, "web.example.com").includes("DNS:web.example.com"));
});
await tap.step("M15 renewed, and the nginx presents the new one", async () => {
  const before = presented(nginx.port, "web.example.com");
  await page.goto(house.url + "/certificates");
  await page.getByRole("link", { name: "Renewals" }).click();
  await heading(page, "Renewals");
  holds(/By itself.*web/.test((await main(page)).replace(/\s+/g, " ")), await main(page));
  await page.getByRole("link", { name: "web", exact: true }).click();
  await heading(page, "Renewal of web");
  await page.getByRole("button", { name: "Renew now" }).click();
  await heading(page, "Renewal of web");
  await until(async () => {
    await page.reload();
    return !/never yet/.test(await main(page));
  });
  await until(() => presented(nginx.port, "web.example.com") !== before);
  holds(presented(nginx.port, "web.example.com").includes("DNS:web.example.com"), "its name");
});
equal(reports.join("\n"), "", "reports of the content security policy");
await close();
await house.close();
await nginx.stop();
await closeAll();
tap.end();
