// The stretch of time that a panel shows: its own where its query had one.

import { dateTime } from "@grafana/data";

export function range(run, { id }) {
  const [from, to] = [dateTime(run.panels[id]?.[0]?.from ?? run.from), dateTime(run.to)];
  return { from, to, raw: { from, to } };
}
