// Results with known values in the place of the real ones: the edges of the bands, every letter, and nothing at all.

import { grafana } from "./library.mjs";
import { digits, kind } from "./frames.mjs";

const { FieldType } = grafana;

const DAY_MS = 86_400_000;
/** A local midnight in Jakarta: the board's zone, not the browser's, must show it. */
export const MIDNIGHT = "2026-01-01T17:00:00.000Z";
/** A number that shows whether a unit rounds it away, or writes it in words of its own. */
const COUNT = "1234567";

/** A query's result with one row that has this value in this column; the other columns keep those of their first row. */
export function plant(query, column, value) {
  const row = query.columns.map(({ type }, at) => query.rows[0]?.[at] ?? (kind(type) === FieldType.time ? new Date(DAY_MS).toISOString() : null));
  row[column] = value;
  return { ...query, rows: [row] };
}

/** A query's result that found nothing. */
export const empty = (query) => ({ ...query, rows: [] });

/** What to plant into a column: null, hundredths or a large number into numbers, null and every letter into letters, a midnight. */
export function plants({ columns, rows }, column, { scales, letters }) {
  const { type } = columns[column];
  if (kind(type) === FieldType.time) return [MIDNIGHT];
  if (kind(type) === FieldType.number) {
    const hundredths = scales.flatMap(({ edges }) => edges.map(({ value }) => value));
    return [null, ...(digits(type) === 2 ? hundredths : [COUNT])];
  }
  const known = letters.map(({ value }) => value);
  return kind(type) === FieldType.string && rows.some((row) => known.includes(row[column])) ? [null, ...known] : [];
}
