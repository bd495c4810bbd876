// From the rows of a query to the data frames that the ClickHouse data source hands to a panel.

import { grafana } from "./library.mjs";

const { FieldType, toDataFrame } = grafana;

const TIMESERIES = "timeseries";
const WRAPPED = /^(?:Nullable|LowCardinality)\((.*)\)$/;
const KINDS = [
  [/^(U?Int|Float|Decimal)/, FieldType.number],
  [/^Date/, FieldType.time],
  [/^Bool/, FieldType.boolean],
  [/^(String|FixedString|Enum|UUID)/, FieldType.string],
];

/** The kind of field that a ClickHouse type becomes. */
export function kind(type) {
  const inner = type.match(WRAPPED)?.[1];
  if (inner) return kind(inner);
  const found = KINDS.find(([pattern]) => pattern.test(type));
  if (!found) throw new Error(`no panel can show the ClickHouse type ${type}: cast it in the query`);
  return found[1];
}

/** How many digits after the point a ClickHouse type has; 0 for integers, null where it is no exact number. */
export function digits(type) {
  const inner = type.match(WRAPPED)?.[1];
  if (inner) return digits(inner);
  if (/^U?Int/.test(type)) return 0;
  const decimal = type.match(/^Decimal(?:\d*)\((?:\d+, )?(\d+)\)$/);
  return decimal ? Number(decimal[1]) : null;
}

/** Decimals come as text (JSON has no exact numbers) and times as ISO 8601; a panel sees floats and epoch ms. */
function cell(value, of) {
  if (value === null) return null;
  if (of === FieldType.time) return Date.parse(value);
  return of === FieldType.number ? Number(value) : value;
}

/**
 * The frame of one query: {refId, format: "timeseries" | "table", columns: [{name, type}], rows: [[…]]}.
 * As a time series its text columns become labels and its rows one series a set of labels, as the backend does it.
 */
export function frame({ refId, format, columns, rows }) {
  const fields = columns.map(({ name, type }, at) => ({
    name, type: kind(type), config: {}, values: rows.map((row) => cell(row[at], kind(type))),
  }));
  const long = format === TIMESERIES && fields.some((field) => field.type === FieldType.string);
  const time = fields.find((field) => field.type === FieldType.time);
  return toDataFrame({ refId, fields: long && time ? wide(fields, time, rows.length) : fields });
}

function wide(fields, time, length) {
  const texts = fields.filter((field) => field.type === FieldType.string);
  const numbers = fields.filter((field) => field.type === FieldType.number);
  const times = [];
  const series = new Map();
  for (let row = 0; row < length; row += 1) {
    const at = time.values[row];
    if (times.length && at < times.at(-1)) throw new Error(`rows of a time series go back in time at row ${row}: ORDER BY the time column`);
    if (at !== times.at(-1)) times.push(at);
    const labels = Object.fromEntries(texts.map((text) => [text.name, text.values[row] ?? ""]));
    for (const number of numbers) {
      const key = JSON.stringify([number.name, labels]);
      if (!series.has(key)) series.set(key, { name: number.name, type: FieldType.number, config: {}, labels, values: [] });
      series.get(key).values[times.length - 1] = number.values[row];
    }
  }
  for (const one of series.values()) one.values = Array.from(times, (_, at) => one.values[at] ?? null);
  return [{ name: time.name, type: FieldType.time, config: {}, values: times }, ...series.values()];
}
