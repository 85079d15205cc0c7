// The inspector's drawer.

import { showAnswer } from "./answer.js";
import { h, icon, reconcile } from "./dom.js";
import { look } from "./server.js";
import { change, session } from "./session.js";
import { showBudget, showLog, showTraffic } from "./traffic.js";
import { showNetwork } from "./network.js";
import * as world from "./world.js";

const TABS = { answer: "Answer", traffic: "Calls and events", budget: "Budget", network: "Network", log: "Bot's log" };
const SHOW = { answer: showAnswer, traffic: showTraffic, budget: showBudget, network: showNetwork, log: showLog };

const panel = h("div", { class: "panel", role: "tabpanel", tabindex: "0", id: "panel" });
const state = { traffic: null, answer: null };
let asked = "";
let busy = false;

export function showDrawer(drawer) {
  drawer.hidden = session.drawer === null;
  document.body.classList.toggle("with-drawer", !drawer.hidden);
  if (drawer.hidden) {
    asked = "";
    return;
  }
  reconcile(drawer, [
    { key: "tabs", version: session.drawer, build: tabs },
    { key: "panel", version: "", build: () => panel },
  ]);
  panel.setAttribute("aria-label", TABS[session.drawer]);
  if (panel.dataset.tab !== session.drawer) {
    panel.kept?.clear();
    panel.replaceChildren();
    panel.dataset.tab = session.drawer;
  }
  SHOW[session.drawer](panel, state);
  refresh();
}

/** Reloads the open tab after each call or event. */
async function refresh() {
  const tab = session.drawer;
  const answer = session.answer;
  const key = JSON.stringify([tab, answer, world.get("traffic"), answer && world.message(answer.channel, answer.ts)?.version, world.get("bot"), world.get("replicas")]);
  if (busy || key === asked || tab === "network") return;
  asked = key;
  busy = true;
  if (tab === "answer") state.answer = answer && { of: answer, ...(await look(`inspect/answer/${answer.channel}/${answer.ts}`)) };
  else state.traffic = await look("inspect/traffic");
  await new Promise((resolve) => setTimeout(resolve, 200));
  busy = false;
  if (session.drawer === tab) SHOW[tab](panel, state);
  if (session.drawer !== null) refresh();
}

// Used limits recover over time, without any call.
setInterval(() => {
  if (session.drawer !== "budget") return;
  asked = "";
  refresh();
}, 1000);

function tabs() {
  const keys = Object.keys(TABS);
  const tab = (key) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        "aria-selected": String(session.drawer === key),
        "aria-controls": "panel",
        tabindex: session.drawer === key ? "0" : "-1",
        "data-focus": `drawer/${key}`,
        on: {
          click: () => change({ drawer: key }),
          keydown: (event) => {
            const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
            if (!step) return;
            const next = keys[(keys.indexOf(key) + step + keys.length) % keys.length];
            change({ drawer: next });
            requestAnimationFrame(() => document.querySelector(`[data-focus="drawer/${next}"]`)?.focus());
          },
        },
      },
      TABS[key],
    );
  const close = h("button", { type: "button", class: "tool", "aria-label": "Close the inspector", on: { click: () => change({ drawer: null }) } });
  close.append(icon("close"));
  return h("div", { class: "drawer-tabs" }, h("div", { class: "tabs", role: "tablist", "aria-label": "Inspector" }, keys.map(tab)), close);
}
