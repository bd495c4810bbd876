// Holds every panel of the committed boards before Grafana's own field processor: `make grafana-check`.
//
//   node scripts/grafana/check.mjs BOARDS RESULTS
//
// BOARDS: a folder of dashboards. RESULTS: what tests/grafana/field_processor.py wrote: rules.json (from ikm) and per board
// a folder with the results of every query on seeded data, one file for each choice of variables. Tells each fault in a
// line and ends with 1; with 2 where it could not look.

import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { look } from "./look.mjs";
import { panels } from "./panel.mjs";

const read = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));

async function main(boards, results) {
  const files = readdirSync(boards).filter((file) => file.endsWith(".json")).sort();
  if (!files.length) throw new Error(`no board in ${boards}: make grafana`);
  const rules = read(results, "rules.json");
  const tally = { panels: 0, shown: 0, planted: 0, faults: 0 };
  for (const file of files) {
    const board = read(boards, file);
    const cases = readdirSync(join(results, basename(file, ".json"))).map((name) => read(results, basename(file, ".json"), name));
    for (const panel of panels(board)) {
      const found = new Set();
      for (const run of cases) for (const fault of await look(board, panel, run, rules, tally)) found.add(fault);
      for (const fault of found) console.log(`FAULT ${file} panel ${panel.id} “${panel.title}” (${panel.type}): ${fault}`);
      tally.faults += found.size;
      tally.panels += 1;
    }
  }
  console.log(`${files.length} boards, ${tally.panels} panels, ${tally.shown} values as they are, ${tally.planted} planted; ${tally.faults} faults`);
  return tally.faults ? 1 : 0;
}

try {
  process.exitCode = await main(...process.argv.slice(2));
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
