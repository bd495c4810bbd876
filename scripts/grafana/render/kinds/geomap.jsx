// Places as points, north up, without the map that lies below them in Grafana.

import { none } from "./plain.jsx";

const FONT = 12;
const MARGIN = 40;

const named = (frame, name) => frame.fields.find((field) => field.name === name);

/** A scale from a field's values to pixels. */
function spread({ values }, size, turned) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => { const share = (value - low) / (high - low || 1); return MARGIN + (turned ? 1 - share : share) * (size - 2 * MARGIN); };
}

export function GeoMap({ data: [frame], width, height, panel, theme }) {
  const [{ location = {}, config: { style = {} } = {} } = {}, ...below] = (panel.options?.layers ?? []).toReversed();
  const [lat, lon] = frame ? [named(frame, location.latitude ?? "lat"), named(frame, location.longitude ?? "lon")] : [];
  if (!lat || !lon || !frame.length) return none(panel);
  const [colour, text] = [named(frame, style.color?.field), named(frame, style.text?.field)];
  const [x, y] = [spread(lon, width, false), spread(lat, height, true)];
  const { textConfig = {}, size = {} } = style;
  const fixed = (one) => theme.visualization.getColorByName(one.color?.fixed ?? "gray");
  return (
    <svg width={width} height={height} fontSize={textConfig.fontSize ?? FONT} fill={theme.colors.text.primary}>
      <rect width={width} height={height} fill={theme.colors.background.secondary} />
      {lat.values.map((value, row) => (
        <g key={row} transform={`translate(${x(lon.values[row])} ${y(value)})`}>
          {below.map(({ name, config: { style: ring } }) => <circle key={name} r={ring.size?.fixed ?? 5} opacity={ring.opacity} fill={fixed(ring)} />)}
          <circle r={size.fixed ?? 5} opacity={style.opacity} fill={colour?.display(colour.values[row]).color ?? fixed(style)} />
          <text x={textConfig.offsetX} y={textConfig.offsetY} textAnchor={{ left: "start", right: "end" }[textConfig.textAlign] ?? "middle"} dominantBaseline="middle">{text?.display(text.values[row]).text}</text>
        </g>
      ))}
    </svg>
  );
}
