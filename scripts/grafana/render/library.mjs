// Stands in for ../library.mjs in a browser.

export * as grafana from "@grafana/data";
