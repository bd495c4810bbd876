// A panel with the results of its queries, as far as Grafana brings it before a panel draws: transformed, every field with
// its settings and its display processor.

import { grafana } from "./library.mjs";
import { firstValueFrom } from "rxjs";
import { frame } from "./frames.mjs";
import { registry } from "./registry.mjs";
import "./transformations.mjs";
import { replacer } from "./words.mjs";

const { applyFieldOverrides, cacheFieldDisplayNames, createTheme, getFieldDisplayValues, transformDataFrame } = grafana;

const LIGHT = createTheme({ colors: { mode: "light" } });

/** Kinds whose values are drawn one by one, reduced or row by row. */
export const SINGLE = ["stat", "gauge", "bargauge", "piechart"];

/** Every panel of a board, also those in rows that are shut. */
export const panels = (board) => board.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).filter(({ type }) => type !== "row");

/**
 * Frames as the panel gets them, and for kinds that show values one by one those values.
 *
 * @param board the dashboard's JSON
 * @param panel one of its panels
 * @param queries the results of its queries: see frames.mjs
 * @param run {from, to, variables}
 */
export async function processed(board, panel, queries, run, theme = LIGHT) {
  const fieldConfig = { defaults: {}, overrides: [], ...panel.fieldConfig };
  const replaceVariables = replacer(run);
  const context = { interpolate: replaceVariables };
  const raw = queries.map(frame);
  const transformed = await firstValueFrom(transformDataFrame(panel.transformations ?? [], raw, context));
  const data = applyFieldOverrides({
    data: transformed, fieldConfig, fieldConfigRegistry: registry(fieldConfig), replaceVariables, theme, timeZone: board.timezone,
  });
  cacheFieldDisplayNames(data);
  const values = SINGLE.includes(panel.type)
    ? getFieldDisplayValues({ data, fieldConfig, replaceVariables, theme, timeZone: board.timezone, reduceOptions: { calcs: [], ...panel.options?.reduceOptions } })
    : [];
  return { data, values };
}
