// The top bar: the workspace, the model, and the state of the bot.

import { h, icon, reconcile } from "./dom.js";
import { change, session } from "./session.js";
import * as world from "./world.js";

const STATES = { starting: "is starting", running: "is running", stopped: "is down" };

export function showTopbar(bar) {
  const model = world.get("model");
  const bot = world.get("bot");
  const state = !world.connection.open ? "lost" : bot.state === "running" && !bot.connected ? "starting" : bot.state;
  reconcile(bar, [
    { key: "title", version: world.get("team").name, build: () => h("div", { class: "brand" }, h("img", { src: "parts/icon.svg", alt: "" }), h("h1", {}, world.get("team").name)) },
    { key: "model", version: JSON.stringify(model), build: () => modelChip(model) },
    { key: "bot", version: state + world.bot()?.name + replicas(), build: () => botChip(state) },
    { key: "tools", version: JSON.stringify([session.drawer !== null, theme()]), build: tools },
  ]);
}

function modelChip(model) {
  const words = model.kind === "stand-in" ? "Not a real model" : model.kind === "local" ? "On this machine" : "Your model";
  return h("div", { class: `chip-status model ${model.kind}`, title: model.detail }, h("span", { class: "dot" }), h("span", { class: "hidden-text" }, "Answering: "), h("strong", {}, model.title), h("span", { class: "detail" }, words), h("span", { class: "hidden-text" }, model.detail));
}

function botChip(state) {
  const words = state === "lost" ? "The playground has ended" : `@${world.bot()?.name} ${STATES[state]}${replicas()}`;
  return h("button", { type: "button", class: `chip-status bot ${state}`, "data-focus": "bot", title: "Open the network settings", on: { click: () => change({ drawer: "network" }) } }, h("span", { class: "dot" }), words);
}

/** How many of several replicas run. */
function replicas() {
  const all = world.get("replicas");
  return all ? ` (${all.filter((each) => each.state === "running" && !each.paused).length} of ${all.length})` : "";
}

function tools() {
  const dark = theme() === "dark";
  const button = (name, label, pressed, action) => {
    const made = h("button", { type: "button", class: "top-tool", "aria-label": label, title: label, "aria-pressed": pressed === null ? null : String(pressed), "data-focus": `top/${name}`, on: { click: action } });
    made.append(icon(name), ...(name === "inspect" ? [h("span", { class: "words" }, label)] : []));
    return made;
  };
  return h(
    "div",
    { class: "top-tools" },
    button("inspect", "Inspector", session.drawer !== null, () => toggle()),
    button(dark ? "sun" : "moon", dark ? "Light colours" : "Dark colours", null, () => change({ theme: dark ? "light" : "dark" })),
  );
}

/** Opens the inspector at the newest visible answer. */
function toggle() {
  if (session.drawer !== null) return change({ drawer: null });
  const shown = session.thread ? world.thread(session.channel, session.thread) : world.roots(session.channel);
  const newest = shown.filter((each) => each.user === world.bot()?.id && !each.deleted).at(-1);
  return change({ drawer: "answer", answer: newest ? { channel: newest.channel, ts: newest.ts } : session.answer });
}

export function theme() {
  return session.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}
