// What our own plain drawings share: texts and colours are those of Grafana's display processors.

export const shown = (field, row) => { const { prefix = "", text, suffix = "" } = field.display(field.values[row]); return prefix + text + suffix; };
export const byType = (frame, type) => frame.fields.filter((field) => field.type === type && !field.config.custom?.hideFrom?.viz);
export const none = (panel) => <div style={{ padding: 16 }}>{panel.fieldConfig?.defaults?.noValue}</div>;

export function Unknown({ panel }) {
  return <div style={{ padding: 16 }}>{panel.type}: tanpa pratinjau</div>;
}
