// A plain dial: Grafana's own is in no package.

const [FROM, TO] = [-110, 110];

const on = (degrees, radius) => { const angle = ((degrees - 90) * Math.PI) / 180; return `${radius * Math.cos(angle)} ${radius * Math.sin(angle)}`; };
const arc = (from, to, radius) => `M ${on(from, radius)} A ${radius} ${radius} 0 ${to - from > 180 ? 1 : 0} 1 ${on(to, radius)}`;

export function Dial({ value, width, height, theme }) {
  const { display, field } = value;
  const [low, high] = [field.min ?? 0, field.max ?? 100];
  const at = (one) => FROM + ((Math.min(Math.max(one, low), high) - low) / (high - low)) * (TO - FROM);
  const radius = Math.min(width / 2, height / 1.5) * 0.7;
  const steps = (field.thresholds?.steps ?? []).map((step, place, all) => ({ ...step, from: Math.max(step.value ?? low, low), to: all[place + 1]?.value ?? high })).filter(({ from, to }) => to > from);
  return (
    <svg width={width} height={height} viewBox={`${-width / 2} ${-height * 0.6} ${width} ${height}`} fill="none">
      <path d={arc(FROM, TO, radius * 0.86)} stroke={theme.colors.background.secondary} strokeWidth={radius * 0.2} />
      {Number.isFinite(display.numeric) && <path d={arc(FROM, Math.max(at(display.numeric), FROM + 0.5), radius * 0.86)} stroke={display.color} strokeWidth={radius * 0.2} />}
      {steps.map(({ from, to, color }) => <path key={from} d={arc(at(from), at(to), radius)} stroke={theme.visualization.getColorByName(color)} strokeWidth={radius * 0.04} />)}
      {steps.slice(1).map(({ from }) => {
        const [x, y] = on(at(from), radius * 1.09).split(" ");
        return <text key={from} x={x} y={y} fontSize={11} fill={theme.colors.text.secondary} textAnchor={x < 0 ? "end" : "start"}>{from.toFixed(field.decimals ?? 0)}</text>;
      })}
      <text y={radius * 0.12} fontSize={radius * (display.text.length > 8 ? 0.22 : 0.4)} fontWeight={500} fill={display.color} textAnchor="middle">{display.prefix}{display.text}{display.suffix}</text>
    </svg>
  );
}
