// The app's home tab.

import { showBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { session } from "./session.js";
import { placeOf } from "./view.js";
import * as world from "./world.js";

export function home() {
  return update(h("div", { class: "home", role: "region", "aria-label": "Home" }));
}

function update(element) {
  const view = world.get(`home/${session.me}`);
  if (!view) {
    element.replaceChildren(h("p", { class: "none" }, "The app shows nothing here for you yet."));
    element.blocks = null;
    return element;
  }
  if (!element.blocks) {
    element.blocks = h("div", { class: "blocks" });
    element.replaceChildren(element.blocks);
  }
  showBlocks(element.blocks, view.blocks, placeOf(view));
  return element;
}
home.update = update;
