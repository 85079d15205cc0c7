// The calls and events between Slack and the app, the used rate limits, and the bot's log.

import { h, reconcile } from "./dom.js";
import { json } from "./json.js";
import { logChoice } from "./replicas.js";
import { look } from "./server.js";
import { session } from "./session.js";
import { seconds } from "./text.js";
import * as world from "./world.js";

const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hour12: false });
let wanted = "";

export function showTraffic(panel, { traffic }) {
  if (!traffic) return;
  const filter = { key: "filter", version: "", build: () => h("input", { class: "text-input filter", type: "search", placeholder: "Filter, for example chat.update", "aria-label": "Filter the calls and events", value: wanted, on: { input: (event) => { wanted = event.currentTarget.value; showTraffic(panel, { traffic }); } } }) };
  const shown = traffic.entries.filter((each) => `${each.name} ${each.status ?? ""} ${each.error ?? ""} ${each.kind}`.toLowerCase().includes(wanted.toLowerCase())).reverse();
  reconcile(panel, [filter, { key: "list", version: "", build: () => h("div", { class: "traffic" }) }]);
  reconcile(panel.querySelector(".traffic"), shown.map((each) => ({ key: `${each.kind}/${each.number}`, version: JSON.stringify(each), build: () => entry(each), update: (row) => summary(row.querySelector("summary"), each) })));
}

function entry(each) {
  const inside = h("div", { class: "inside" });
  const row = h("details", { class: "entry", on: { toggle: async () => { if (row.open) inside.replaceChildren(json(await look(`inspect/${each.kind}/${each.number}`))); } } });
  row.append(summary(h("summary", { "data-focus": `${each.kind}/${each.number}` }), each), inside);
  return row;
}

function summary(row, each) {
  const call = each.kind === "call";
  const bad = call ? each.status >= 400 || each.error || (each.took !== null && !each.status) : each.over && !each.acknowledged;
  const outcome = call ? (each.took === null ? "…" : each.status ? `${each.status}${each.error ? ` ${each.error}` : ""}` : "reset") : each.acknowledged ? "acknowledged" : each.over ? "not acknowledged" : "…";
  row.replaceChildren(
    h("span", { class: `way ${each.kind}`, title: call ? "The app calls Slack" : "Slack tells the app" }, call ? "app → Slack" : "Slack → app"),
    h("span", { class: "at" }, clock.format(new Date(each.at * 1000))),
    h("span", { class: "method" }, each.name),
    h("span", { class: `outcome ${bad ? "bad" : ""}` }, outcome, !call && each.attempts > 1 ? `, ${each.attempts} attempts` : ""),
    h("span", { class: "took" }, call && each.took !== null ? seconds(each.took) : ""),
  );
  return row;
}

export function showBudget(panel, { traffic }) {
  if (!traffic) return;
  const row = (each) => ({
    key: each.method,
    version: JSON.stringify(each),
    build: () => {
      const share = each.limit ? Math.min(1, each.used / each.limit) : 0;
      const meter = h("meter", { min: 0, max: 1, low: 0.6, high: 0.9, optimum: 0, value: share, "aria-label": `${each.method}: ${each.used} of ${each.limit}` });
      return h("tr", {}, h("th", { scope: "row" }, each.method), h("td", {}, each.limit ? meter : null), h("td", { class: "figure" }, each.limit ? `${each.used} / ${each.limit}` : "no limit"), h("td", { class: "figure" }, String(each.calls)), h("td", { class: `figure ${each.refused ? "bad" : ""}` }, String(each.refused)), h("td", { class: `figure ${each.failed ? "bad" : ""}` }, String(each.failed)));
    },
  });
  const table = () =>
    h("table", { class: "budget" }, h("caption", {}, "What the app has used of Slack's limits in the last minute; they belong to the workspace."), h("thead", {}, h("tr", {}, ["method", "used", "this minute", "calls", "429s", "failed"].map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}));
  reconcile(panel, [{ key: "budget", version: "", build: table }]);
  reconcile(panel.querySelector("tbody"), traffic.budget.map(row));
}

export function showLog(panel, { traffic }) {
  if (!traffic) return;
  const several = world.get("replicas") !== undefined;
  const log = traffic.logs[session.replica] ?? traffic.logs[0]; // the last visit may have had more
  const choice = { key: "choice", version: session.replica, build: logChoice };
  reconcile(panel, [...(several ? [choice] : []), { key: "log", version: JSON.stringify(log), build: () => h("pre", { class: "log" }, log.join("\n") || "Nothing yet.") }]);
  panel.scrollTop = panel.scrollHeight;
}
