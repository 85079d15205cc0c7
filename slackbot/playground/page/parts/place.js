// The container of blocks, through which actions on them reach the app.

import { ask } from "./server.js";

/** For a message. Its inputs are kept while it is shown. */
export function onMessage(message, inputs = new Map()) {
  return make({ channel: message.channel, ts: message.ts }, inputs);
}

/** For a modal or a home tab. */
export function onView(view, inputs) {
  return make({ view: view.id, channel: "", ts: "" }, inputs);
}

function make(where, inputs) {
  const action = (block, element) => ({ block_id: block.block_id ?? "", action_id: element.action_id ?? "", type: element.type });
  const place = {
    inputs,
    errors: {},
    act: (block, element, chosen) => ask("act", { ...where, ...action(block, element), chosen, state: place.state() }),
    suggest: (block, element, query) => ask("suggest", { ...where, ...action(block, element), chosen: {}, state: {}, query }),
    state() {
      const values = {};
      for (const [key, value] of inputs) {
        const cut = key.indexOf("/");
        (values[key.slice(0, cut)] ??= {})[key.slice(cut + 1)] = value;
      }
      return values;
    },
  };
  return place;
}
