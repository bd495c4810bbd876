// A board as Grafana lays it out: 24 columns, rows of 30 px with gaps of 8, each panel in Grafana's own frame; on a narrow
// screen one panel below the other. The head of the page is ours.

import { createTheme, systemDateFormats } from "@grafana/data";
import { GlobalStyles, PanelChrome, ThemeContext } from "@grafana/ui";
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { processed } from "../panel.mjs";
import { replacer } from "../words.mjs";
import { KINDS } from "./kinds/index.jsx";

const [COLUMNS, ROW, GAP, MARGIN] = [24, 30, 8, 16];
const HEADER = 56;
const NARROW = 769;

function Panel({ board, panel, run, theme, width, height }) {
  const [shown, setShown] = useState();
  const [failed, setFailed] = useState();
  useEffect(() => {
    processed(board, panel, run.panels[panel.id] ?? [], run, theme).then(setShown, setFailed);
  }, [panel]);
  const { Draw, preview } = KINDS[panel.type] ?? KINDS.unknown;
  const words = replacer(run);
  return (
    <PanelChrome title={words(panel.title)} description={panel.description} width={width} height={height}
      displayMode={panel.transparent ? "transparent" : "default"} statusMessage={failed?.message} padding={Draw.padding ?? "md"}
      titleItems={preview ? <Label /> : undefined}>
      {(innerWidth, innerHeight) => (shown && innerWidth > 0
        ? <Draw {...shown} board={board} panel={panel} run={run} theme={theme} words={words} width={innerWidth} height={innerHeight} />
        : null)}
    </PanelChrome>
  );
}

/** What no component of Grafana drew says so. */
const Label = () => <span style={{ fontSize: 11, opacity: 0.7, alignSelf: "center" }}>pratinjau</span>;

function Header({ board, run }) {
  const variables = (board.templating?.list ?? []).filter(({ hide }) => hide !== 2);
  const zone = new Intl.DateTimeFormat("id-ID", { dateStyle: "medium", timeStyle: "short", timeZone: board.timezone });
  return (
    <div style={{ display: "flex", gap: 16, alignItems: "center", flexWrap: "wrap", minHeight: HEADER, padding: `0 ${MARGIN}px` }}>
      <strong style={{ fontSize: 18 }}>{board.title}</strong>
      {variables.map(({ name, label }) => (
        <span key={name} style={{ border: "1px solid currentColor", borderRadius: 2, padding: "3px 8px", opacity: 0.85 }}>
          {label ?? name}: {[run.variables[name]?.text].flat().join(" + ")}
        </span>
      ))}
      <span style={{ marginLeft: "auto", opacity: 0.8 }}>{zone.format(run.from)} – {zone.format(run.to)} · {board.timezone} · {board.refresh}</span>
    </div>
  );
}

/** Each over the whole width, in the order in which they are read. */
function stacked(panels) {
  let top = 0;
  return panels.map((panel) => {
    const { h } = panel.gridPos;
    top += h;
    return { ...panel, gridPos: { x: 0, y: top - h, w: COLUMNS, h } };
  });
}

function Board({ board, run, mode, width }) {
  const theme = createTheme({ colors: { mode } });
  const column = (width - 2 * MARGIN + GAP) / COLUMNS;
  const open = width < NARROW ? stacked(board.panels) : board.panels;
  const bottom = Math.max(...open.map(({ gridPos: { y, h } }) => y + h));
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <div style={{ background: theme.colors.background.canvas, color: theme.colors.text.primary, width, fontFamily: theme.typography.fontFamily }}>
        <Header board={board} run={run} />
        <div style={{ position: "relative", height: bottom * (ROW + GAP) + MARGIN }}>
          {open.map((panel) => {
            const { x, y, w, h } = panel.gridPos;
            const [wide, high] = [w * column - GAP, h * (ROW + GAP) - GAP];
            return (
              <div key={panel.id} style={{ position: "absolute", left: MARGIN + x * column, top: y * (ROW + GAP), width: wide, height: high }}>
                {panel.type === "row" ? <strong>{panel.title}</strong> : <Panel {...{ board, panel, run, theme }} width={wide} height={high} />}
              </div>
            );
          })}
        </div>
      </div>
    </ThemeContext.Provider>
  );
}

/** Called by picture.mjs with the committed JSON and the results of its queries. */
globalThis.draw = (board, run, mode, width, { FULL_DATE, ...intervals }) => {
  const { fullDate, interval } = systemDateFormats;
  const said = Object.fromEntries(Object.entries(intervals).map(([name, format]) => [name.replace("INTERVAL_", "").toLowerCase(), format]));
  systemDateFormats.update({ fullDate: FULL_DATE ?? fullDate, interval: { ...interval, ...said }, useBrowserLocale: false });
  createRoot(document.getElementById("board")).render(<Board board={board} run={run} mode={mode} width={width} />);
};
