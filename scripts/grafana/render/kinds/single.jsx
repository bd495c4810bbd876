// Kinds that show one value or several, each on its own: Grafana's BigValue and BarGauge, and a dial of our own.

import { getDisplayValueAlignmentFactors } from "@grafana/data";
import { BarGauge, BigValue, VizRepeater } from "@grafana/ui";
import { Dial } from "./dial.jsx";

const repeated = (Draw, spacing) => function Repeated(props) {
  const { values, width, height, panel } = props;
  return (
    <VizRepeater getValues={() => values} getAlignmentFactors={getDisplayValueAlignmentFactors} source={values} renderCounter={0}
      width={width} height={height} itemSpacing={spacing} autoGrid orientation={panel.options?.orientation ?? "auto"}
      minVizWidth={panel.options?.minVizWidth} minVizHeight={panel.options?.minVizHeight}
      renderValue={(one) => <Draw {...props} {...one} options={panel.options ?? {}} />} />
  );
};

export const StatPanel = repeated(({ value, alignmentFactors, width, height, options, count, theme }) => (
  <BigValue value={value.display} count={count} width={width} height={height} theme={theme} alignmentFactors={alignmentFactors} text={options.text}
    colorMode={options.colorMode ?? "value"} graphMode="none" justifyMode={options.justifyMode ?? "auto"} textMode={options.textMode ?? "auto"}
    wideLayout={options.wideLayout ?? true} />
), 3);

export const GaugePanel = repeated(Dial, 8);

export const BarGaugePanel = repeated(({ value, alignmentFactors, width, height, options, theme }) => (
  <BarGauge value={value.display} width={width} height={height} theme={theme} field={value.field} text={options.text}
    display={value.view?.getFieldDisplayProcessor(value.colIndex)} orientation={options.orientation ?? "horizontal"}
    displayMode={options.displayMode ?? "gradient"} showUnfilled={options.showUnfilled ?? true} valueDisplayMode={options.valueMode ?? "color"}
    namePlacement={options.namePlacement} alignmentFactors={alignmentFactors} itemSpacing={10} lcdCellWidth={12} />
), 10);
