// The bot's status, Slack's own stop button, and the suggested prompts.

import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { ask } from "./server.js";
import * as world from "./world.js";

/** Rows for the end of a thread. */
export function status(channel, ts) {
  const processing = world.get(`session/${channel}/${ts}`) === "processing";
  const words = world.get(`status/${channel}/${ts}`) || (processing ? "is working…" : "");
  if (!words) return [];
  return [{ key: "status", version: channel + ts + words + processing, build: () => h("div", { class: "status" }, avatar(world.bot(), true), h("span", {}, `${world.bot()?.name} ${words}`), h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), processing ? stop(channel, ts) : null) }];
}

/** Slack's own stop button, for an agent session that is processing; the app has others under its messages. */
const stop = (channel, ts) => h("button", { type: "button", class: "button", "data-focus": "stop", on: { click: () => ask("stop", { channel, ts }) } }, "Stop");

/** The suggested prompts; calls `saying()` just before it sends one. */
export function prompts(channel, ts, wanted, saying = () => {}) {
  const suggested = world.get(`prompts/${channel}/${ts}`);
  if (!suggested || !wanted) return [];
  const one = (prompt) => h("button", { type: "button", class: "prompt", on: { click: () => { saying(); ask("say", { channel, thread: ts, text: prompt.message, files: {} }); } } }, prompt.title);
  return [{ key: "prompts", version: JSON.stringify([channel, ts, suggested]), build: () => h("div", { class: "prompts", role: "group", "aria-label": "Suggestions" }, suggested.map(one)) }];
}
