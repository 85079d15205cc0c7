// How Slack behaves: slow, strict, failing; and the bot's end and new beginning.

import { h, reconcile } from "./dom.js";
import { ask } from "./server.js";
import { plural } from "./text.js";
import * as world from "./world.js";

const STRICTNESS = [
  [0, "no limits"],
  [0.5, "twice what Slack allows"],
  [1, "Slack's own limits"],
  [2, "half of them"],
  [5, "a fifth of them"],
  [10, "a tenth of them"],
];
const LATENCIES = [0, 0.04, 0.08, 0.2, 0.5, 1, 2, 5];

export function showWeather(panel) {
  const weather = world.get("weather");
  const bot = world.get("bot");
  reconcile(panel, [{ key: "weather", version: JSON.stringify([weather, bot]), build: () => build(weather, bot) }]);
}

function build(weather, bot) {
  const nearest = (values, value) => values.reduce((best, each, index) => (Math.abs(each - value) < Math.abs(values[best] - value) ? index : best), 0);
  const set = (parts) => ask("set_weather", { latency: weather.latency, strictness: weather.strictness, ...parts });
  const latency = slider("latency", "Slack's latency", LATENCIES.length - 1, nearest(LATENCIES, weather.latency), (index) => `${Math.round(LATENCIES[index] * 1000)} ms a call`, (index) => set({ latency: LATENCIES[index] }));
  const limits = slider("limits", "Slack's rate limits", STRICTNESS.length - 1, nearest(STRICTNESS.map(([value]) => value), weather.strictness), (index) => STRICTNESS[index][1], (index) => set({ strictness: STRICTNESS[index][0] }));
  const strike = (fault, label, title) => h("button", { type: "button", class: "button", title, "data-focus": `strike/${fault}`, on: { click: () => ask("strike", { fault }) } }, label);
  return h(
    "div",
    { class: "weather" },
    h("fieldset", {}, h("legend", {}, "Climate"), latency, limits),
    h(
      "fieldset",
      {},
      h("legend", {}, "The bot's next write"),
      h("div", { class: "buttons" }, strike("429", "429, try in 5 s", "Too many requests"), strike("500", "500", "Slack fails"), strike("reset", "Lost answer", "The call has its effect, its answer gets lost")),
      h("p", { class: "hint", role: "status" }, weather.pending ? `${weather.pending} still to come.` : "Nothing is ordered."),
    ),
    h(
      "fieldset",
      {},
      h("legend", {}, "The bot"),
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", class: "button", "data-focus": "cut", on: { click: () => ask("cut_off") } }, "Cut its connection"),
        h("button", { type: "button", class: "button danger", disabled: bot.state === "stopped", "data-focus": "restart", title: "kill -9, and a new start", on: { click: () => ask("restart") } }, "Crash and restart"),
        bot.state === "stopped"
          ? h("button", { type: "button", class: "button primary", "data-focus": "kill", on: { click: () => ask("start") } }, "Start")
          : h("button", { type: "button", class: "button danger", "data-focus": "kill", title: "kill -9", on: { click: () => ask("kill") } }, "Crash"),
      ),
      h("p", { class: "hint" }, `${plural(bot.starts, "start")} so far. A crash is kill -9: nothing is closed nicely, and the next start takes up what was not finished.`),
    ),
  );
}

function slider(id, label, most, index, words, choose) {
  const shown = h("output", { for: id }, words(index));
  const range = h("input", { type: "range", id, min: 0, max: most, step: 1, value: index, "aria-valuetext": words(index), "data-focus": id, on: { input: (event) => { shown.textContent = words(Number(event.currentTarget.value)); event.currentTarget.setAttribute("aria-valuetext", shown.textContent); }, change: (event) => choose(Number(event.currentTarget.value)) } });
  range.value = index;
  return h("div", { class: "slider" }, h("label", { for: id }, label), range, shown);
}
