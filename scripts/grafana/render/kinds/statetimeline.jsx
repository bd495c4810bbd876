// Plain rows of states; like Grafana, a second time is where a state ends, and states that follow each other and are the
// same become one.

import { getFieldDisplayName } from "@grafana/data";
import { byType, none } from "./plain.jsx";
import { range } from "./range.jsx";

const FONT = 12;
const [NAMES, FOOT, LEAST_FOR_TEXT] = [160, 8, 24];

/** [from, to, value] of each stretch. */
function stretches(times, ends, values) {
  const found = [];
  for (const [step, value] of values.entries()) {
    if (value === null) continue;
    const before = found.at(-1);
    if (before?.[2] === value && before[1] === times[step]) before[1] = ends[step];
    else found.push([times[step], ends[step], value]);
  }
  return found;
}

export function StateTimeline({ data, width, height, panel, theme, run }) {
  const lines = data.flatMap((frame) => {
    const [time, until] = byType(frame, "time");
    return until ? frame.fields.filter((field) => ![time, until].includes(field) && !field.config.custom?.hideFrom?.viz).map((field) => ({ frame, time, until, field })) : [];
  });
  if (!lines.length) return none(panel);
  const { from, to } = range(run, panel);
  const page = lines.slice(0, panel.options?.perPage ?? lines.length);
  const slot = (height - FOOT) / page.length;
  const at = (moment) => NAMES + ((Math.max(moment, from.valueOf()) - from.valueOf()) / (to.valueOf() - from.valueOf())) * (width - NAMES);
  return (
    <svg width={width} height={height} fontSize={Math.min(FONT, slot * 0.7)} fill={theme.colors.text.primary}>
      {page.map(({ frame, time, until, field }, row) => (
        <g key={row} transform={`translate(0 ${row * slot})`}>
          <text x={NAMES - 8} y={slot / 2} textAnchor="end" dominantBaseline="middle">{getFieldDisplayName(field, frame, data)}</text>
          {stretches(time.values, until.values, field.values).map(([start, end, value]) => {
            const { text, color } = field.display(value);
            const [left, wide] = [at(start), at(end) - at(start)];
            return (
              <g key={start}>
                <rect x={left} y={slot * 0.06} width={Math.max(wide, 0)} height={slot * 0.88} fill={color} />
                {wide > LEAST_FOR_TEXT && <text x={left + wide / 2} y={slot / 2} fill="#fff" textAnchor="middle" dominantBaseline="middle">{text}</text>}
              </g>
            );
          })}
        </g>
      ))}
    </svg>
  );
}
