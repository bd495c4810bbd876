// Looks at every page of the board as people do: on a phone, a desk and a wall, light and dark, in both languages, with
// and without a key, by keyboard and on paper. `make wall`; pictures and prints go to build/wall.
//
// playwright-core drives the Chromium that is there and has no dependencies of its own; axe-core is the usual judge of
// what a screen reader meets. Both are pinned with their hashes in package-lock.json, which names no host.

import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { fill, frozenPeriod } from "./sample.mjs";
import { System } from "./system.mjs";

const CHROMIUM = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const OUT = "build/wall";
const SIZES = { phone: [390, 844], desk: [1366, 768], wide: [3840, 2160] };
const WALL = [3840, 2160];
const LEAST_PERCENT = 4;
/** On a wall these are to be read from across the room. */
const LARGE = {
  list: { index: ".whole .number", letter: ".whole .figure .mutu b", n: ".whole .facts dd", freshness: ".status b" },
  board: { index: ".hero .number", letter: ".hero .mutu b", n: ".facts dd", freshness: ".status b" },
};
const LOOKS = [["terang", "id"], ["gelap", "id"], ["terang", "en"], ["gelap", "en"]];
const [BOTH_ENDS, ALL] = [[LOOKS[0], LOOKS[3]], LOOKS];

const inpage = readFileSync(new URL("inpage.js", import.meta.url), "utf8");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

function pages() {
  const unit = "/board/dinas-dukcapil";
  return [
    { name: "list", path: "/", looks: ALL, sizes: ["phone", "desk", "wide"] },
    { name: "unit", path: unit, looks: ALL, sizes: ["phone", "desk", "wide"] },
    { name: "list-public", path: "/", looks: BOTH_ENDS, sizes: ["phone", "desk"], open: true },
    { name: "unit-public", path: unit, looks: BOTH_ENDS, sizes: ["phone", "desk"], open: true },
    { name: "unit-frozen", path: `${unit}?period=${frozenPeriod()}`, looks: BOTH_ENDS, sizes: ["phone", "desk"] },
    { name: "unit-hundred", path: "/board/sekretariat-daerah", looks: BOTH_ENDS, sizes: ["phone", "desk"] },
    { name: "unit-few", path: "/board/inspektorat", looks: BOTH_ENDS, sizes: ["phone", "desk"], open: true },
    { name: "unit-none", path: "/board/dinas-sosial", looks: BOTH_ENDS, sizes: ["phone", "desk"] },
    { name: "below", path: "/?unit=dinas-kesehatan", looks: BOTH_ENDS, sizes: ["phone", "desk"] },
    { name: "unknown", path: "/board/tidak-ada", looks: BOTH_ENDS, sizes: ["phone", "desk"] },
    { name: "list-tv", path: "/?tv", looks: ALL, wall: "list" },
    { name: "unit-tv", path: `${unit}?tv`, looks: ALL, wall: "board" },
    { name: "unit-hundred-tv", path: "/board/sekretariat-daerah?tv", looks: BOTH_ENDS, wall: "board" },
    { name: "unit-none-tv", path: "/board/dinas-sosial?tv", looks: BOTH_ENDS, wall: "board" },
    { name: "list-public-tv", path: "/?tv", looks: BOTH_ENDS, wall: "list", open: true },
  ];
}

class Checker {
  constructor(browser, system) {
    Object.assign(this, { browser, system, faults: 0, looked: 0 });
  }

  tell(where, found) {
    this.faults += found.length;
    for (const fault of [...new Set(found)]) console.log(`FAULT ${where}: ${fault}`);
  }

  async visit(path, [width, height], [theme, lang], open) {
    const context = await this.browser.newContext({ viewport: { width, height }, bypassCSP: true, reducedMotion: "reduce" });
    const page = await context.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(`script: ${error.message}`));
    if (!open) await page.goto(this.system.login);
    const both = `${path}${path.includes("?") ? "&" : "?"}tema=${theme}&lang=${lang}`;
    await page.goto(this.system.address + both, { waitUntil: "load" });
    await page.evaluate(inpage);
    await page.evaluate(() => document.fonts.ready);
    return [page, errors];
  }

  async axe(page) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
    return violations
      .filter((one) => one.impact !== "minor")
      .flatMap((one) => one.nodes.slice(0, 3).map((node) => `axe ${one.impact} ${one.id}: ${node.target} (${one.help})`));
  }

  async look({ name, path, wall, open }, look, size, dimensions) {
    const where = [name, size, ...look].join("-");
    const [page, errors] = await this.visit(path, dimensions, look, open);
    const found = [...errors, ...(await page.evaluate((options) => globalThis.wall.look(options), { wall: Boolean(wall) }))];
    if (wall) found.push(...(await this.large(page, LARGE[wall])));
    found.push(...(await this.axe(page)));
    await page.screenshot({ path: `${OUT}/${where}.png`, fullPage: !wall });
    this.looked += 1;
    this.tell(where, found);
    await page.context().close();
  }

  async large(page, wanted) {
    const faults = [];
    for (const [what, selector] of Object.entries(wanted)) {
      const drawn = await page.evaluate((one) => globalThis.wall.drawn(one), selector);
      if (!drawn) faults.push(`no ${what} (${selector})`);
      else if (drawn.percent < LEAST_PERCENT) faults.push(`${what} “${drawn.text}” is ${drawn.percent.toFixed(2)} % of the height`);
    }
    return faults;
  }

  /** By Tab alone: the skip link first, everything reached, the focus seen. */
  async keyboard({ name, path, open }) {
    const [page] = await this.visit(path, SIZES.desk, LOOKS[0], open);
    const found = [];
    const stops = (await page.evaluate(() => globalThis.wall.missed())).length;
    for (let step = 0; step <= stops; step += 1) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => globalThis.wall.focused());
      if (step === 0 && !focus?.name.includes("skip")) found.push(`the first stop is ${focus?.name}`);
      if (focus && !focus.seen) found.push(`no visible focus: ${focus.name}`);
    }
    for (const missed of await page.evaluate(() => globalThis.wall.missed())) found.push(`out of the keyboard's reach: ${missed}`);
    await page.reload();
    await page.evaluate(inpage);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    const landed = await page.evaluate(() => globalThis.wall.focused());
    if (landed && !landed.inMain) found.push(`the skip link leads to ${landed.name}`);
    this.tell(`${name}-keyboard`, found);
    await page.context().close();
  }

  async print({ name, path }) {
    const [page] = await this.visit(path, SIZES.desk, LOOKS[1], false);
    await page.pdf({ path: `${OUT}/${name}.pdf`, preferCSSPageSize: true, format: "A4", printBackground: true });
    await page.context().close();
  }
}

async function main() {
  if (!CHROMIUM || !existsSync(CHROMIUM)) {
    console.error("make wall needs Chromium and found none: install it (apt-get install chromium), or name it: CHROMIUM=/path make wall");
    return 2;
  }
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const system = await System.start();
  let browser;
  try {
    await fill(system);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
    const checker = new Checker(browser, system);
    const only = process.argv[2] ?? "";
    for (const page of pages().filter(({ name }) => name.startsWith(only))) {
      for (const look of page.looks) {
        if (page.wall) await checker.look(page, look, "wall", WALL);
        else for (const size of page.sizes) await checker.look(page, look, size, SIZES[size]);
      }
      if (!page.wall) await checker.keyboard(page);
      if (["list", "unit"].includes(page.name)) await checker.print(page);
    }
    console.log(`${checker.looked} views, ${checker.faults} faults; pictures and prints: ${OUT}/`);
    return checker.faults ? 1 : 0;
  } finally {
    await browser?.close();
    await system.stop();
  }
}

process.exitCode = await main();
