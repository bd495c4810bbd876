// A text panel's Markdown, rendered and cleaned as Grafana does.

import { renderTextPanelMarkdown } from "@grafana/data";

export function TextPanel({ panel, words, width, height }) {
  const { mode, content } = panel.options;
  const html = mode === "html" ? words(content) : renderTextPanelMarkdown(words(content));
  return <div className="markdown-html" style={{ width, height, overflow: "hidden" }} dangerouslySetInnerHTML={{ __html: html }} />;
}
