// Which settings of a field there are, and for which fields Grafana takes them from a panel's defaults.
//
// The list itself lives in Grafana's application, in no package; what reads and applies a setting is @grafana/data.

import { grafana } from "./library.mjs";

const { FieldConfigOptionsRegistry, FieldType, booleanOverrideProcessor, dataLinksOverrideProcessor, displayNameOverrideProcessor, identityOverrideProcessor, numberOverrideProcessor, stringOverrideProcessor, thresholdsOverrideProcessor, valueMappingsOverrideProcessor } = grafana;

const every = () => true;
const numbers = ({ type }) => type === FieldType.number;
const STANDARD = {
  unit: [stringOverrideProcessor, every],
  min: [numberOverrideProcessor, numbers],
  max: [numberOverrideProcessor, numbers],
  fieldMinMax: [booleanOverrideProcessor, numbers],
  decimals: [numberOverrideProcessor, numbers],
  displayName: [displayNameOverrideProcessor, every],
  color: [identityOverrideProcessor, every],
  noValue: [stringOverrideProcessor, every],
  links: [dataLinksOverrideProcessor, every],
  mappings: [valueMappingsOverrideProcessor, ({ type }) => type !== FieldType.time],
  thresholds: [thresholdsOverrideProcessor, every],
  filterable: [booleanOverrideProcessor, every],
};

/** Overrides of a panel whose setting Grafana does not know: it passes over them without a word. */
export function unknown({ defaults = {}, overrides = [] }) {
  const own = Object.keys(defaults).filter((key) => key !== "custom" && key !== "description" && !STANDARD[key]);
  const theirs = overrides.flatMap((one) => one.properties.map(({ id }) => id)).filter((id) => !id.startsWith("custom.") && !STANDARD[id]);
  return [...own, ...theirs];
}

/** The settings for a panel: the standard ones and those of its own kind that it names. */
export function registry({ defaults = {}, overrides = [] }) {
  const custom = new Set(Object.keys(defaults.custom ?? {}));
  for (const { properties } of overrides) for (const { id } of properties) if (id.startsWith("custom.")) custom.add(id.slice("custom.".length));
  const standard = Object.entries(STANDARD).map(([id, [process, shouldApply]]) => ({ id, path: id, name: id, process, shouldApply, settings: { expandTemplateVars: true } }));
  const theirs = [...custom].map((path) => ({
    id: `custom.${path}`, path, name: path, process: identityOverrideProcessor, shouldApply: every, settings: {}, isCustom: true,
  }));
  return new FieldConfigOptionsRegistry(() => [...standard, ...theirs]);
}
