// Plain bars: grouped, or stacked as shares where the panel says so.

import { getFieldDisplayName } from "@grafana/data";
import { VizLegend } from "@grafana/ui";
import { byType, none, shown } from "./plain.jsx";

const FONT = 12;
const [LEGEND, NAMES, FOOT] = [28, 270, 22];
const PERCENT = 100;

/** Where each bar begins and ends along the axis of values, 0..1. */
function bars(numbers, row, stacked) {
  const values = numbers.map(({ values: column }) => column[row] ?? 0);
  const whole = stacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(...numbers.flatMap(({ values: column, config }) => config.max ?? column));
  let start = 0;
  return values.map((value) => {
    const from = stacked ? start : 0;
    start = from + value / (whole || 1);
    return [from, start];
  });
}

export function BarChart({ data: [frame], width, height, panel, theme }) {
  const label = frame && (byType(frame, "string")[0] ?? byType(frame, "time")[0]);
  const numbers = frame ? byType(frame, "number") : [];
  if (!label || !numbers.length || !frame.length) return none(panel);
  const stacked = panel.options?.stacking === "percent";
  const lying = panel.options?.orientation === "horizontal";
  const inner = height - LEGEND;
  const slot = (lying ? inner : width) / frame.length;
  const thick = (slot * 0.75) / (stacked ? 1 : numbers.length);
  const reach = lying ? width - NAMES - 60 : inner - 2 * FOOT;
  const box = (row, place, [from, to]) => {
    const across = row * slot + slot * 0.125 + (stacked ? 0 : place * thick);
    return lying
      ? { x: NAMES + from * reach, y: across, width: (to - from) * reach, height: thick }
      : { x: across, y: inner - FOOT - to * reach, width: thick, height: (to - from) * reach };
  };
  const colour = (field, row) => (field.config.color?.mode === "fixed" ? theme.visualization.getColorByName(field.config.color.fixedColor) : field.display(field.values[row]).color);
  return (
    <div>
      <svg width={width} height={inner} fontSize={FONT} fill={theme.colors.text.primary}>
        {label.values.map((_, row) => bars(numbers, row, stacked).map((ends, place) => {
          const at = box(row, place, ends);
          const share = stacked && ends[1] - ends[0] > 0.05 ? `${Math.round((ends[1] - ends[0]) * PERCENT)}%` : "";
          return (
            <g key={`${row}-${place}`}>
              <rect {...at} fill={colour(numbers[place], row)} />
              <text x={at.x + at.width / 2} y={at.y + at.height / 2} fill={stacked ? "#fff" : undefined} textAnchor="middle" dominantBaseline="middle">{stacked ? share : ""}</text>
              {numbers.length === 1 && lying && <text x={at.x + at.width + 6} y={at.y + at.height / 2} dominantBaseline="middle">{shown(numbers[0], row)}</text>}
            </g>
          );
        }))}
        {label.values.map((_, row) => (lying
          ? <text key={row} x={NAMES - 8} y={(row + 0.5) * slot} textAnchor="end" dominantBaseline="middle">{shown(label, row)}</text>
          : <text key={row} x={(row + 0.5) * slot} y={inner - 6} textAnchor="middle">{shown(label, row)}</text>))}
      </svg>
      <VizLegend placement="bottom" displayMode="list" items={numbers.map((field) => ({ label: getFieldDisplayName(field, frame), color: colour(field, 0), yAxis: 1 }))} />
    </div>
  );
}
