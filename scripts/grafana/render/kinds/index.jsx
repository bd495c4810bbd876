// What draws each kind of panel. `preview`: no package has Grafana's own drawing of it, so it is ours, from the same
// frames, texts and colours.

import { BarChart } from "./barchart.jsx";
import { GeoMap } from "./geomap.jsx";
import { Unknown } from "./plain.jsx";
import { BarGaugePanel, GaugePanel, StatPanel } from "./single.jsx";
import { StateTimeline } from "./statetimeline.jsx";
import { TablePanel } from "./table.jsx";
import { TextPanel } from "./text.jsx";
import { TimeSeriesPanel } from "./timeseries.jsx";

export const KINDS = {
  stat: { Draw: StatPanel },
  bargauge: { Draw: BarGaugePanel },
  table: { Draw: TablePanel },
  text: { Draw: TextPanel },
  timeseries: { Draw: TimeSeriesPanel },
  gauge: { Draw: GaugePanel, preview: true },
  barchart: { Draw: BarChart, preview: true },
  "state-timeline": { Draw: StateTimeline, preview: true },
  geomap: { Draw: GeoMap, preview: true },
  unknown: { Draw: Unknown, preview: true },
};
