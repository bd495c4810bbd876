// Grafana's own time series.

import { getFieldDisplayName } from "@grafana/data";
import { TimeSeries } from "@grafana/ui";
import { useMemo } from "react";
import { range } from "./range.jsx";

/** What Grafana's application puts where a panel says nothing. */
const UNSAID = {
  drawStyle: "line", lineInterpolation: "linear", lineWidth: 1, fillOpacity: 0, gradientMode: "none", showPoints: "auto", pointSize: 5,
  axisPlacement: "auto", axisColorMode: "text", scaleDistribution: { type: "linear" }, barAlignment: 0, barWidthFactor: 0.6, spanNulls: false, insertNulls: false,
};

const withUnsaid = (frames) => frames.map((frame) => ({
  ...frame,
  fields: frame.fields.map((field) => ({ ...field, config: { ...field.config, custom: { ...UNSAID, ...field.config.custom } }, state: { ...field.state, displayName: getFieldDisplayName(field, frame, frames) } })),
}));

export function TimeSeriesPanel({ data, width, height, panel, board, run }) {
  const frames = useMemo(() => withUnsaid(data), [data]);
  if (!frames.some(({ length }) => length)) return <div style={{ padding: 16 }}>{panel.fieldConfig?.defaults?.noValue}</div>;
  const legend = { showLegend: true, displayMode: "list", placement: "bottom", calcs: [], ...panel.options?.legend };
  return (
    <TimeSeries frames={frames} width={width} height={height} timeRange={range(run, panel)} timeZone={board.timezone} legend={legend} options={panel.options} />
  );
}
