// Grafana's own table.

import { TableNG } from "grafana-table";
import { range } from "./range.jsx";

export function TablePanel({ data: [frame], width, height, panel, run, board }) {
  if (!frame?.fields.length) return <div style={{ padding: 16 }}>{panel.fieldConfig?.defaults?.noValue}</div>;
  const { options = {} } = panel;
  return (
    <TableNG data={frame} width={width} height={height} noHeader={options.showHeader === false} cellHeight={options.cellHeight} resizable={false}
      sortBy={options.sortBy} enablePagination={options.footer?.enablePagination ?? options.enablePagination} fieldConfig={panel.fieldConfig}
      noValue={panel.fieldConfig?.defaults?.noValue} ariaLabel={panel.title} timeRange={range(run, panel)} timeZone={board.timezone} structureRev={1} />
  );
}
TablePanel.padding = "none";
