// A running Certwright, a browser, and a CA made with OpenSSL.
import { spawn, execFileSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const build = process.env.CERTWRIGHT_BUILD || path.join(top, "build");
export const password = "Korrekt-Pferd-Batterie-72!";
export const fields = {
  "Country Code": "US",
  "State or Province Name": "New Jersey",
  "Locality": "São Paulo",
  "Organization Name": "Example Video, Inc.",
  "Organization Unit": "R&D",
  "Common Name": "portal.example.com",
  "Email Address": "pki@example.com",
};

export function freePort() {
  return new Promise((resolve, reject) => {
    const s = net.createServer();
    s.on("error", reject);
    s.listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

export class House {
  static async start(...options) {
    const h = new House();
    h.options = options;
    h.base = fs.mkdtempSync(path.join(os.tmpdir(), "cw-browser-"));
    fs.chmodSync(h.base, 0o755);
    h.data = path.join(h.base, "data");
    h.port = await freePort();
    h.url = `https://127.0.0.1:${h.port}`;
    await h.run();
    return h;
  }

  run() {
    this.process = spawn(path.join(build, "certwrightd"),
      ["--data-dir", this.data, "--listen", `127.0.0.1:${this.port}`, ...this.options],
      { cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
    this.errors = "";
    this.ready = "";
    this.process.stderr.on("data", (d) => { this.errors += d; });
    return new Promise((resolve, reject) => {
      this.process.stdout.on("data", (d) => {
        this.ready += d;
        if (/listening on .*\n/.test(this.ready)) {
          this.setup = /\/setup\/[A-Za-z0-9_-]+/.exec(this.ready)?.[0];
          resolve(this);
        }
      });
      this.process.on("exit", (code) => reject(new Error(`certwrightd ended with ${code}: ${this.errors}`)));
    });
  }

  stop() {
    return new Promise((resolve) => {
      this.process.removeAllListeners("exit");
      this.process.on("exit", resolve);
      this.process.kill("SIGTERM");
    });
  }

  async restart() {
    await this.stop();
    await this.run();
  }

  cli(...args) {
    return execFileSync(path.join(build, "certwright"), ["--data-dir", this.data, ...args],
      { cwd: "/", encoding: "utf8" });
  }

  routes() {
    return JSON.parse(execFileSync(path.join(build, "certwrightd"), ["--dump-routes"], { encoding: "utf8" }));
  }

  async close() {
    await this.stop();
    fs.rmSync(this.base, { recursive: true, force: true });
  }
}

const opened = new Set();

// The browser alone; what a step that failed left open is ended by closeAll.
export async function launch({ env, args = [] } = {}) {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium", env,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync", ...args],
  });
  opened.add(browser);
  return browser;
}

// A browser in which a violation of the content security policy is an error.
export async function open({ javaScript = true, dark = false, width = 1280, height = 900 } = {}) {
  const browser = await launch();
  const context = await browser.newContext({
    ignoreHTTPSErrors: true, javaScriptEnabled: javaScript, acceptDownloads: true,
    colorScheme: dark ? "dark" : "light", viewport: { width, height },
  });
  const page = await context.newPage();
  const reports = [];
  const hosts = new Set();
  page.on("console", (m) => {
    if (/Content.Security.Policy|Refused to/i.test(m.text())) reports.push(m.text());
  });
  page.on("pageerror", (e) => reports.push(String(e)));
  page.on("request", (r) => hosts.add(new URL(r.url()).host));
  return { browser, context, page, reports, hosts, close: () => browser.close() };
}

// What a step that failed left open; it would keep this process alive.
export async function closeAll() {
  for (const browser of opened) await browser.close();
}

export async function setUp(page, house, name = "root") {
  await page.goto(house.url + house.setup);
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("E-mail").fill("root@example.com");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.locator("form").first().locator("button[type=submit]").click();
}

export async function signIn(page, house, name = "root") {
  await page.goto(house.url + "/super");
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.locator("form").first().locator("button[type=submit]").click();
}

function openssl(dir, ...args) {
  return execFileSync("openssl", args, { cwd: dir, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

// Root and intermediate; sign() answers a CSR with the leaf's PEM.
export class CA {
  constructor() {
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), "cw-ca-"));
    const ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";
    fs.writeFileSync(path.join(this.dir, "ca.ext"), ca);
    for (const [name, subject] of [["root", "/O=Example/CN=Example Root R1"], ["inter", "/O=Example/CN=Example TLS CA 1"]]) {
      openssl(this.dir, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", `${name}.key`, "-subj", subject, "-out", `${name}.csr`);
    }
    openssl(this.dir, "x509", "-req", "-in", "root.csr", "-signkey", "root.key", "-days", "3650",
      "-extfile", "ca.ext", "-out", "root.pem");
    openssl(this.dir, "x509", "-req", "-in", "inter.csr", "-CA", "root.pem", "-CAkey", "root.key",
      "-set_serial", "2", "-days", "1825", "-extfile", "ca.ext", "-out", "inter.pem");
    this.serial = 1000;
  }

  read(name) {
    return fs.readFileSync(path.join(this.dir, name), "utf8");
  }

  sign(csr, { names, days = 90 } = {}) {
    fs.writeFileSync(path.join(this.dir, "leaf.csr"), csr);
    fs.writeFileSync(path.join(this.dir, "leaf.ext"),
      "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n" +
      `subjectAltName=${names.map((n) => "DNS:" + n).join(",")}\n`);
    return openssl(this.dir, "x509", "-req", "-in", "leaf.csr", "-CA", "inter.pem", "-CAkey", "inter.key",
      "-set_serial", String(++this.serial), "-days", String(days), "-extfile", "leaf.ext");
  }

  // The whole answer as somebody mails it: prose, '>' quoting, CRLF, odd order.
  mail(leaf) {
    const text = `Dear customer,\n\nyour certificate is ready.\n\nThe root:\n${this.read("root.pem")}\n` +
      `The intermediate:\n${this.read("inter.pem")}\nYour certificate:\n${leaf}\nKind regards\n`;
    return text.split("\n").map((l) => "> " + l).join("\r\n");
  }

  close() {
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

export function served(house) {
  const out = execFileSync("openssl", ["s_client", "-connect", `127.0.0.1:${house.port}`, "-showcerts"],
    { input: "", encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] });
  return out.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) || [];
}
