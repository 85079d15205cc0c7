// Shared files: images and clips are shown, others can be downloaded.

import { h, icon } from "./dom.js";
import { bytes } from "./text.js";

export function files(all) {
  return h("div", { class: "files" }, all.map(file));
}

function file(each) {
  if (!each.mimetype) return h("p", { class: "gone" }, "This file was deleted.");
  const source = `file/${encodeURIComponent(each.id)}`;
  const kind = each.mimetype.split("/")[0];
  const shown = ["image/png", "image/jpeg", "image/gif", "image/webp"].includes(each.mimetype);
  if (shown) return h("a", { class: "picture", href: source, target: "_blank" }, h("img", { src: source, alt: each.title || each.name, loading: "lazy" }));
  if (kind === "audio") return h("div", { class: "clip" }, h("audio", { controls: true, preload: "metadata", src: source, "aria-label": each.title || each.name }));
  return h("a", { class: "file-card", href: source, download: each.name }, icon("file"), h("span", {}, h("strong", {}, each.title || each.name), h("span", { class: "detail" }, `${each.mimetype}, ${bytes(each.size)}`)));
}
