// Transformations that a panel may name: those of @grafana/data, and one whose code is in Grafana's application alone.

import { map } from "rxjs";
import { grafana } from "./library.mjs";

const { standardTransformers, standardTransformersRegistry } = grafana;

/** A frame a value of the given fields, which become labels of its other fields: what the boards use of it. */
const partitionByValues = {
  id: "partitionByValues",
  name: "Partition by values",
  operator: ({ fields, keepFields }) => (source) => source.pipe(map((frames) => frames.flatMap((frame) => partitioned(frame, fields, keepFields)))),
};

function partitioned(frame, names, keepFields) {
  const keys = frame.fields.filter(({ name }) => names.includes(name));
  const parts = new Map();
  for (let row = 0; row < frame.length; row += 1) {
    const key = JSON.stringify(keys.map(({ values }) => values[row]));
    parts.set(key, [...(parts.get(key) ?? []), row]);
  }
  return [...parts.values()].map((rows) => {
    const labels = Object.fromEntries(keys.map(({ name, values }) => [name, String(values[rows[0]])]));
    const fields = frame.fields.filter((field) => keepFields || !keys.includes(field))
      .map((field) => ({ ...field, labels: { ...field.labels, ...labels }, state: undefined, values: rows.map((row) => field.values[row]) }));
    return { ...frame, fields, length: rows.length };
  });
}

// Some are exported under two names.
const known = new Map([...Object.values(standardTransformers), partitionByValues].map((transformation) => [transformation.id, transformation]));
standardTransformersRegistry.setInit(() => [...known].map(([id, transformation]) => ({ id, name: transformation.name, transformation: async () => transformation })));

/** Those of a panel that would be passed over here: what comes after them can't be looked at. */
export const unknownTransformations = ({ transformations = [] }) => transformations.map(({ id }) => id).filter((id) => !known.has(id));
