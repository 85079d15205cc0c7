// Shows JSON.

import { h } from "./dom.js";

const PARTS = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

export function json(value) {
  const text = JSON.stringify(value, null, 2) ?? "";
  const shown = h("pre", { class: "json", tabindex: "0", "aria-label": "JSON" });
  let end = 0;
  for (const found of text.matchAll(PARTS)) {
    shown.append(text.slice(end, found.index));
    const kind = found[2] ? "key" : found[1] ? "string" : found[3] ? "word" : "number";
    shown.append(h("span", { class: kind }, found[1] ?? found[0]), found[2] ?? "");
    end = found.index + found[0].length;
  }
  shown.append(text.slice(end));
  return shown;
}
