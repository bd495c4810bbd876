// What is asked of a panel, each as a list of faults in words.

import { grafana } from "./library.mjs";
import { judge } from "./judge.mjs";
import { SINGLE, processed } from "./panel.mjs";
import { empty, plant, plants } from "./planted.mjs";
import { unknown } from "./registry.mjs";
import { unknownTransformations } from "./transformations.mjs";

/** What no officer should ever read. */
const GARBAGE = /NaN|undefined|Infinity|Invalid|\bnull\b|\[object|No data|\$\{/;
/** Kinds that draw a null as a text or a cell; the others leave a gap. */
const TELL_NULL = [...SINGLE, "table", "state-timeline", "status-history"];

/** All faults of a panel; adds to tally what was looked at. */
export async function look(board, panel, run, rules, tally) {
  if (panel.type === "text") return [];
  const queries = run.panels[panel.id];
  if (!queries?.length) return ["has no results: no query, or its query was not run"];
  const show = (results) => processed(board, panel, results, run);
  const faults = unknown(panel.fieldConfig ?? {}).map((id) => `setting ${id} is unknown to Grafana, which passes over it`);
  faults.push(...unknownTransformations(panel).map((id) => `transformation ${id} is in no package of Grafana's: teach it to transformations.mjs`));
  const real = await show(queries);
  faults.push(...asItIs(panel, real, tally), ...unseen(panel, real), ...nothing(panel, await show(queries.map(empty)), rules));
  for (const [at, query] of queries.entries()) {
    for (const [column, { name, type }] of query.columns.entries()) {
      for (const value of plants(query, column, rules)) {
        const shown = await show(queries.with(at, plant(query, column, value)));
        for (const [display, field] of arrived(panel, shown, name, value)) {
          tally.planted += 1;
          faults.push(...judge(display, field, { type, value, index: indexOf(panel, query, name, rules), zone: board.timezone }, rules));
        }
      }
    }
  }
  return faults;
}

/** The index that a column is of: it bears the name, or the query names one alone. */
function indexOf(panel, { refId }, name, { scales }) {
  const codes = scales.map(({ index }) => index);
  const sql = panel.targets?.find((one) => one.refId === refId)?.rawSql ?? "";
  const said = codes.filter((code) => sql.includes(`'${code}'`));
  return codes.includes(name) ? name : said.length === 1 ? said[0] : undefined;
}

/** What shapes and tables leave out. */
const hidden = ({ custom }) => Boolean(custom?.hidden || custom?.hideFrom?.viz);
const garbled = (links) => links.filter(({ href, title }) => GARBAGE.test(`${title} ${href}`)).map(({ href, title }) => `a link is not filled: ${title} → ${href}`);

/** The texts of the seeded results, and where their links lead. */
function asItIs(panel, { data, values }, tally) {
  const names = data.flatMap((frame) => frame.fields.map((field) => grafana.getFieldDisplayName(field, frame, data)));
  const faults = names.filter((name) => GARBAGE.test(name)).map((name) => `a column or line is called “${name}”`);
  for (const field of data.flatMap(({ fields }) => fields).filter(({ config }) => !hidden(config))) {
    for (const [row, value] of field.values.entries()) {
      const { text } = field.display(value);
      tally.shown += 1;
      if (GARBAGE.test(text)) faults.push(`${field.name} shows “${text}” for ${value}`);
      if (value === null && !text && TELL_NULL.includes(panel.type)) faults.push(`${field.name} shows nothing for null`);
      if (!SINGLE.includes(panel.type)) faults.push(...garbled(field.getLinks({ valueRowIndex: row })));
    }
  }
  for (const { display, getLinks } of values) {
    const shown = [display.title, display.prefix, display.text, display.suffix].join(" ");
    if (GARBAGE.test(shown)) faults.push(`shows “${shown}”`);
    faults.push(...garbled(getLinks?.() ?? []));
  }
  return faults;
}

/** Columns that a panel of single values was given and leaves out. Here Grafana minds no hideFrom. */
function unseen({ type, options }, { data, values }) {
  if (!SINGLE.includes(type)) return [];
  const seen = values.map(({ view, colIndex }) => view?.dataFrame.fields[colIndex]?.name);
  const asked = data.flatMap(({ fields, length }) => (length ? fields : [])).filter((field) => options?.reduceOptions?.fields || field.type === "number");
  return asked.filter(({ name }) => !seen.includes(name))
    .map(({ name }) => `never shows ${name}: see reduceOptions (its limit counts the values of all columns together)`);
}

/** What a query without rows looks like. */
function nothing(panel, { values }, { noData, nothing: none }) {
  const allowed = panel.type === "table" ? [noData, none] : [noData];
  if (!allowed.includes(panel.fieldConfig?.defaults?.noValue)) return [`without rows it does not say “${allowed.join("” or “")}”: set noValue`];
  return values.filter(({ display }) => display.text !== noData).map(({ display }) => `without rows it shows “${display.text}”, not “${noData}”`);
}

/** Where a planted value is shown: [display, field]. */
function arrived(panel, { data, values }, name, value) {
  if (SINGLE.includes(panel.type)) {
    return values.filter(({ view, colIndex }) => view?.dataFrame.fields[colIndex].name === name)
      .map(({ display, view, colIndex }) => [display, view.dataFrame.fields[colIndex]]);
  }
  if (value === null && !TELL_NULL.includes(panel.type)) return [];
  const is = (one) => one === value || (typeof one === "number" && [Number(value), Date.parse(value)].includes(one));
  return data.flatMap(({ fields }) => fields)
    .filter((field) => field.name === name && !hidden(field.config) && field.values.some(is))
    .map((field) => [field.display(field.values.find(is)), field]);
}
