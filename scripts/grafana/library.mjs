// @grafana/data as Node can load it: its ES modules import names that its CommonJS dependencies do not give to Node.
// (The pictures' bundle has render/library.mjs in the place of this file.)

import { createRequire } from "node:module";

export const grafana = createRequire(import.meta.url)("@grafana/data");

// An officer's browser, for what asks after it. Only now: a `window` while the package loads means a page to it.
globalThis.navigator ??= { language: "id-ID", languages: ["id-ID"] };
globalThis.window ??= globalThis;
window.location ??= { origin: "", pathname: "/", search: "", href: "/" };
