// Slack's latency, rate limits and planned failures; crashing and starting the bot.

import { h, reconcile } from "./dom.js";
import { replicaControls, showReplicas } from "./replicas.js";
import { ask } from "./server.js";
import { plural } from "./text.js";
import * as world from "./world.js";

const STRICTNESS = [
  [0, "no limits"],
  [0.5, "twice what Slack allows"],
  [1, "Slack's own limits"],
  [2, "half of Slack's limits"],
  [5, "a fifth of Slack's limits"],
  [10, "a tenth of Slack's limits"],
];
const LATENCIES = [0, 0.04, 0.08, 0.2, 0.5, 1, 2, 5];

export function showNetwork(panel) {
  const network = world.get("network");
  const bot = world.get("bot");
  reconcile(panel, [{ key: "network", version: JSON.stringify([network, bot]), build: () => build(network, bot) }]);
  showReplicas();
}

function build(network, bot) {
  const nearest = (values, value) => values.reduce((best, each, index) => (Math.abs(each - value) < Math.abs(values[best] - value) ? index : best), 0);
  const set = (parts) => ask("set_network", { latency: network.latency, strictness: network.strictness, ...parts });
  const latency = slider("latency", "Slack's latency", LATENCIES.length - 1, nearest(LATENCIES, network.latency), (index) => `${Math.round(LATENCIES[index] * 1000)} ms a call`, (index) => set({ latency: LATENCIES[index] }));
  const limits = slider("limits", "Slack's rate limits", STRICTNESS.length - 1, nearest(STRICTNESS.map(([value]) => value), network.strictness), (index) => STRICTNESS[index][1], (index) => set({ strictness: STRICTNESS[index][0] }));
  const fail = (fault, label, title) => h("button", { type: "button", class: "button", title, "data-focus": `fail/${fault}`, on: { click: () => ask("fail_next_write", { fault }) } }, label);
  return h(
    "div",
    { class: "network" },
    world.get("replicas") && replicaControls(),
    h("fieldset", {}, h("legend", {}, "Speed and limits"), latency, limits),
    h(
      "fieldset",
      {},
      h("legend", {}, "The bot's next write"),
      h("div", { class: "buttons" }, fail("429", "429, try in 5 s", "Too many requests"), fail("500", "500", "Slack fails"), fail("reset", "Lost answer", "The call takes effect, but its answer is lost")),
      h("p", { class: "hint", role: "status" }, network.pending ? `${network.pending} still to come.` : "No failure is planned."),
    ),
    !world.get("replicas") && botControls(bot),
  );
}

function botControls(bot) {
  return h(
    "fieldset",
    {},
    h("legend", {}, "The bot"),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", class: "button", "data-focus": "cut", on: { click: () => ask("disconnect") } }, "Drop its connection"),
      h("button", { type: "button", class: "button danger", disabled: bot.state === "stopped", "data-focus": "restart", title: "kill -9, then start again", on: { click: () => ask("restart") } }, "Crash and restart"),
      bot.state === "stopped"
        ? h("button", { type: "button", class: "button primary", "data-focus": "kill", on: { click: () => ask("start") } }, "Start")
        : h("button", { type: "button", class: "button danger", "data-focus": "kill", title: "kill -9", on: { click: () => ask("kill") } }, "Crash"),
    ),
    h("p", { class: "hint" }, `${plural(bot.starts, "start")} so far. A crash is kill -9: nothing is shut down cleanly, and the next start finishes what was left.`),
  );
}

function slider(id, label, most, index, words, choose) {
  const shown = h("output", { for: id }, words(index));
  const range = h("input", { type: "range", id, min: 0, max: most, step: 1, value: index, "aria-valuetext": words(index), "data-focus": id, on: { input: (event) => { shown.textContent = words(Number(event.currentTarget.value)); event.currentTarget.setAttribute("aria-valuetext", shown.textContent); }, change: (event) => choose(Number(event.currentTarget.value)) } });
  range.value = index;
  return h("div", { class: "slider" }, h("label", { for: id }, label), range, shown);
}
