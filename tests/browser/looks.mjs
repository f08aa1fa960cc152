// How a page looks: axe-core's findings, what does not fit, its picture.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = process.env.CERTWRIGHT_SHOTS;

export const looks = [
  { name: "light", width: 1280 }, { name: "dark", width: 1280, dark: true },
  { name: "narrow", width: 390 }, { name: "narrow-dark", width: 390, dark: true },
];

export async function findings(page) {
  await page.evaluate(axe);
  const r = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return r.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join("; ")}`);
}

// "" when the page fits into the window, the tabs into one row of it, and no table has to be rolled down.
export async function tooWide(page) {
  const over = await page.evaluate(() => ({
    page: document.documentElement.scrollWidth - window.innerWidth,
    tabs: Math.max(0, ...[...document.querySelectorAll("header nav")].map((n) => n.scrollWidth - n.clientWidth)),
    "height of a table": Math.max(0, ...[...document.querySelectorAll(".table")].map((t) => t.scrollHeight - t.clientHeight - 1)),
    "one row of tabs": Math.max(0, ...[...document.querySelectorAll("header nav")].map((n) => n.offsetHeight - 60)),
  }));
  return Object.entries(over).filter(([, px]) => px > 0).map(([what, px]) => `${what} by ${px} px`).join(", ");
}

export async function shoot(page, name) {
  if (!shots) return;
  fs.mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: path.join(shots, name + ".png"), fullPage: true });
}
