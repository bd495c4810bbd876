// Puts values for ${…} into links, titles and texts, as far as the boards use it; what is unknown stays and is seen.

const PLACE = /\$\{([^}:]+)(?::([a-z]+))?\}|\$(\w+)/g;
const FORMATS = {
  queryparam: (name, values) => values.map((one) => `var-${name}=${encodeURIComponent(one)}`).join("&"),
  percentencode: (_, values) => encodeURIComponent(values.join(",")),
  csv: (_, values) => values.join(","),
  raw: (_, values) => values.join(","),
};

/** A function of Grafana's form for a run: {from, to: epoch ms, variables: {name: {text, value}}}. */
export function replacer({ from, to, variables }) {
  const plain = { __from: from, __to: to, "__url_time_range": `from=${from}&to=${to}` };
  return (text, scoped = {}, format) => String(text ?? "").replace(PLACE, (whole, braced, form, bare) => {
    const name = braced ?? bare;
    const row = fromRow(name, scoped.__dataContext?.value);
    const values = [row ?? plain[name] ?? variables[name]?.value].flat();
    if (values[0] === undefined) return whole;
    if (FORMATS[form]) return FORMATS[form](name, values);
    return format === "uriencode" ? encodeURIComponent(values.join(",")) : values.join(",");
  });
}

/** `__data.fields.x`, `__data.fields["x"]`, `__field.name`, `__field.labels.x`, `__value.raw`, `__value.text`. */
function fromRow(name, context) {
  if (!context) return undefined;
  const { frame, field, rowIndex } = context;
  const column = name.match(/^__data\.fields(?:\.(\w+)|\[["'](.+)["']\])$/);
  if (column) return rowIndex === undefined ? undefined : frame.fields.find((one) => one.name === (column[1] ?? column[2]))?.values[rowIndex];
  if (name === "__field.name") return field.config.displayName ?? field.name;
  const label = name.match(/^__field\.labels\.(\w+)$/);
  if (label) return field.labels?.[label[1]];
  if (rowIndex === undefined) return undefined;
  if (name === "__value.raw") return field.values[rowIndex];
  return name === "__value.text" ? field.display(field.values[rowIndex]).text : undefined;
}
