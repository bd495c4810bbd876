// Whether the text and the colour of a planted value are right.
//
// rules: {noData, none, letters: [{value, colour}], scales: [{index, max, edges: [{value, colour, changes}]}]}; values are
// texts with two decimals; an edge's colour is null where the index has no letters, and then, where it changes, only has to
// differ from that of the edge before it.

import { grafana } from "./library.mjs";
import { digits, kind } from "./frames.mjs";

const { FieldType } = grafana;

const ENGLISH = /\b(min|hour|day|week|month|year)s?\b/;
/** Of a cell that stays empty among cells filled with the colours of bands. */
const CLEAR = /^#[0-9a-f]{6}00$/;
const PLAIN = [undefined, "", "none", "locale", "string"];

const same = (one, other) => one?.slice(0, "#rrggbb".length).toLowerCase() === other?.toLowerCase();
const isOf = (colour, letters) => letters.some((letter) => same(colour, letter.colour));

/** Whether the field's colour is that of the band its value lies in. */
const banded = ({ config }, { letters }) => config.color?.mode === "thresholds"
  && new Set((config.thresholds?.steps ?? []).map(({ color }) => color).filter((color) => isOf(color, letters))).size > 1;

/** Faults of a planted value in words; `index`: which one the column is of, as far as the query tells. */
export function judge({ prefix = "", text, suffix = "", color }, field, { type, value, index, zone }, rules) {
  const whole = `${prefix}${text}${suffix}`;
  if (kind(type) === FieldType.time) return moment(whole, field, value, zone);
  if (value === null) return nothing(whole, color, field, rules);
  if (kind(type) === FieldType.string) return letter(whole, color, field, rules.letters.find((one) => one.value === value));
  return [...exact(whole, field, type, value), ...(digits(type) === 2 && banded(field, rules) ? band(color, field, value, index, rules) : [])];
}

function nothing(whole, color, { name, config }, { noData, none }) {
  if (whole === noData && same(color, none)) return [];
  const explicit = config.mappings?.some((one) => one.type === "special" && whole && one.options.result.text === whole);
  const isQuietCell = config.custom?.cellOptions?.type === "color-background" && CLEAR.test(color);
  if (explicit && (same(color, none) || isQuietCell)) return [];
  return [`${name} shows “${whole}” in ${color} for null, not “${noData}” in ${none}`];
}

const letter = (whole, color, { name }, wanted) =>
  (whole.includes(wanted.value) && same(color, wanted.colour) ? [] : [`${name} shows “${whole}” in ${color} for ${wanted.value}, not in ${wanted.colour}`]);

/** A time of day is the zone's; a text that has none, such as a date alone, has its day. */
function moment(whole, { name }, value, zone) {
  if (!zone || zone === "browser") return [`${name} follows each reader's own clock: give the board a timezone`];
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).formatToParts(new Date(value)).map(({ type, value: part }) => [type, part]));
  const wanted = /\d:\d/.test(whole) ? `${parts.hour}:${parts.minute}` : parts.day;
  return whole.includes(wanted) ? [] : [`${name} shows “${whole}” for ${value}, where ${zone} has ${wanted}`];
}

/** Where the unit is none, every digit is there and none more; Grafana's own words for lengths of time are English. */
function exact(whole, { name, config }, type, value) {
  if (ENGLISH.test(whole)) return [`${name} shows “${whole}” for ${value}: write the unit in Indonesian, as a suffix`];
  if (!PLAIN.includes(config.unit) || ![0, 2].includes(digits(type))) return [];
  const digitsOnly = digits(type) ? whole : whole.replaceAll(/[\s.,]/g, "");
  return new RegExp(`(^|[^\\d.])${value.replaceAll(".", "\\.")}($|[^\\d.])`).test(digitsOnly) ? [] : [`${name} shows “${whole}” for ${value}`];
}

/** The colour at the edges of the scale that the field is on; values of other scales are not asked. */
function band(color, { name, config, display }, value, index, { scales, letters }) {
  const lettered = scales.find(({ edges }) => edges.every(({ colour }) => colour));
  const scale = scales.find((one) => one.index === index) ?? scales.find(({ max }) => max === config.max) ?? lettered;
  const edge = scale.edges.findIndex((one) => one.value === value);
  if (edge < 0) return otherwise(color, name, config, value, letters);
  const { colour, changes } = scale.edges[edge];
  if (colour && !same(color, colour)) return [`${name} is ${color} for ${value}, not ${colour}`];
  const before = changes && display(Number(scale.edges[edge - 1].value)).color;
  return before && same(color, before.slice(0, "#rrggbb".length)) ? [`${name} is ${color} on both sides of the line at ${value}`] : [];
}

/** A value of another index on a scale of letters, as where the reader picks the index. */
const otherwise = (color, name, { max }, value, letters) =>
  (max === undefined && isOf(color, letters) ? [`${name} takes ${color}, the colour of a letter, for ${value} of an index without letters`] : []);
