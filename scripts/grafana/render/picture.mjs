// Draws boards in Chromium from the committed JSON and the results of their queries, with the components of @grafana/ui:
//
//   node scripts/grafana/render/picture.mjs BOARDS RESULTS OUT [NAME…]
//
// BOARDS, RESULTS: as of ../check.mjs. Of each board a picture as it opens, OUT/NAME.png, and of its first screen alone,
// OUT/NAME-first.png; on another screen than a laptop's (SCREEN=tv or SCREEN=phone) OUT/NAME-tv.png and so on. Times are
// written as docker-compose.yml tells Grafana to. What no component of Grafana draws outside of Grafana is our own plain
// drawing, marked “pratinjau”.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const SCREENS = { laptop: { width: 1440, height: 900 }, tv: { width: 1920, height: 1080 }, phone: { width: 390, height: 844 } };
const SETTLED_MS = 1500;
const FAILED_MS = 60_000;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
/** Grafana's formats of dates by their setting, such as INTERVAL_DAY, as far as they are set. */
function dateFormats(compose) {
  return Object.fromEntries([...compose.matchAll(/GF_DATE_FORMATS_(\w+): (.+)/g)].map(([, name, format]) => [name, format.trim()]));
}

const read = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));

/** Node loads @grafana/data in another way than a browser. */
const inBrowser = { name: "library", setup: ({ onResolve }) => onResolve({ filter: /^\.\/library\.mjs$/ }, () => ({ path: here("library.mjs") })) };

async function bundle(folder) {
  await build({
    alias: { "grafana-table": here("../node_modules/@grafana/ui/dist/esm/components/Table/TableNG/TableNG.mjs") }, plugins: [inBrowser],
    entryPoints: [here("board.jsx")], outfile: join(folder, "board.js"), bundle: true, format: "iife", jsx: "automatic", logLevel: "error",
    define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
    loader: { ".svg": "dataurl", ".png": "dataurl", ".woff": "dataurl", ".woff2": "dataurl", ".ttf": "dataurl" },
  });
  const style = existsSync(join(folder, "board.css")) ? '<link rel="stylesheet" href="board.css">' : "";
  writeFileSync(join(folder, "board.html"), `<!doctype html><meta charset="utf-8">${style}<style>body{margin:0}</style><div id="board"></div><script src="board.js"></script>`);
  return pathToFileURL(join(folder, "board.html")).href;
}

async function picture(browser, page, board, run, out, name, screen) {
  const tab = await browser.newPage({ viewport: screen, reducedMotion: "reduce" });
  const errors = [];
  tab.on("pageerror", (error) => errors.push(error.stack ?? error.message));
  await tab.goto(page);
  const formats = dateFormats(readFileSync(here("../../../docker-compose.yml"), "utf8"));
  await tab.evaluate(([one, results, width, said]) => globalThis.draw(one, results, "light", width, said), [board, run, screen.width, formats]);
  await tab.waitForFunction((count) => document.querySelectorAll("section").length >= count, board.panels.filter(({ type }) => type !== "row").length, { timeout: FAILED_MS });
  await tab.waitForTimeout(SETTLED_MS);
  await tab.screenshot({ path: join(out, `${name}-first.png`) });
  const height = await tab.evaluate(() => document.getElementById("board").scrollHeight);
  await tab.setViewportSize({ width: screen.width, height });
  await tab.waitForTimeout(SETTLED_MS);
  await tab.screenshot({ path: join(out, `${name}.png`) });
  await tab.close();
  for (const error of new Set(errors)) console.error(`${name}: ${error}`);
  return errors.length;
}

async function main(boards, results, out, ...names) {
  if (!CHROMIUM || !existsSync(CHROMIUM)) throw new Error("pictures need Chromium and found none: install it (apt-get install chromium), or name it in CHROMIUM");
  const kind = process.env.SCREEN || "laptop";
  if (!SCREENS[kind]) throw new Error(`SCREEN is ${kind}: use ${Object.keys(SCREENS).join(", ")}`);
  mkdirSync(out, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "boards-"));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"] });
  try {
    const page = await bundle(folder);
    const files = readdirSync(boards).filter((file) => file.endsWith(".json") && (!names.length || names.includes(basename(file, ".json"))));
    let errors = 0;
    for (const file of files) {
      const name = basename(file, ".json");
      const as = kind === "laptop" ? name : `${name}-${kind}`;
      errors += await picture(browser, page, read(boards, file), read(results, name, "default.json"), out, as, SCREENS[kind]);
    }
    console.log(`${files.length} boards drawn into ${resolve(out)}, ${errors} script errors`);
    return errors ? 1 : 0;
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(...process.argv.slice(2));
