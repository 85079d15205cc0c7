// What the bot is at, and what it suggests to ask.

import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { ask } from "./server.js";
import * as world from "./world.js";

/** Rows for the foot of a thread. */
export function status(channel, ts) {
  const words = world.get(`status/${channel}/${ts}`);
  if (!words) return [];
  return [{ key: "status", version: channel + ts + words, build: () => h("div", { class: "status" }, avatar(world.bot(), true), h("span", {}, `${world.bot()?.name} ${words}`), h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), stop(channel, ts)) }];
}

/** Slack's own, beside those that the app puts below its messages. */
const stop = (channel, ts) => h("button", { type: "button", class: "button", "data-focus": "stop", on: { click: () => ask("stop", { channel, ts }) } }, "Stop");

/** What can be asked with one press; `saying()` is called just before. */
export function prompts(channel, ts, wanted, saying = () => {}) {
  const suggested = world.get(`prompts/${channel}/${ts}`);
  if (!suggested || !wanted) return [];
  const one = (prompt) => h("button", { type: "button", class: "prompt", on: { click: () => { saying(); ask("say", { channel, thread: ts, text: prompt.message, files: {} }); } } }, prompt.title);
  return [{ key: "prompts", version: JSON.stringify([channel, ts, suggested]), build: () => h("div", { class: "prompts", role: "group", "aria-label": "Suggestions" }, suggested.map(one)) }];
}
