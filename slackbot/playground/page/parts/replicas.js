// The replicas: which of them owns the workspace; killing, pausing and starting each.

import { h, reconcile } from "./dom.js";
import { ask } from "./server.js";
import { change, session } from "./session.js";
import { plural } from "./text.js";
import * as world from "./world.js";

const STATES = { starting: "starts", running: "runs", stopped: "is dead" };
const state = (replica) => (replica.paused ? "is paused" : STATES[replica.state]);
const name = (number) => `Replica ${number}`;

/** What stands in place of the controls of the only bot. */
export function replicaControls() {
  return h(
    "fieldset",
    { class: "wide" },
    h("legend", {}, "The replicas"),
    h("ul", { class: "replicas" }),
    h("p", { class: "hidden-text", role: "status" }),
    h("div", { class: "buttons" }, h("button", { type: "button", class: "button", "data-focus": "cut", on: { click: () => ask("disconnect") } }, "Drop their connections")),
    h("p", { class: "hint" }, "One of them owns the workspace, and answers. When it dies or is paused, another takes over once its lease has ended, and goes on in the same messages."),
  );
}

/** Fills the list, if it is there. What changes is also said aloud, but for the seconds. */
export function showReplicas() {
  const list = document.querySelector(".replicas");
  if (!list) return;
  const replicas = world.get("replicas");
  reconcile(list, replicas.map((replica, index) => ({ key: index, version: JSON.stringify([replica.starts, state(replica), lease(replica)]), build: () => row(replica, index + 1) })));
  const said = replicas.map((replica, index) => `${name(index + 1)} ${state(replica)}${replica.lease_ends_at === null ? "" : " and owns the workspace"}.`).join(" ");
  const status = list.parentElement.querySelector("[role=status]");
  if (status.textContent !== said) status.textContent = said;
}

function row(replica, number) {
  const button = (place, act, label, kind, title) => h("button", { type: "button", class: `button ${kind}`, title, "aria-label": `${label} replica ${number}`, "data-focus": `${place}/${number}`, on: { click: () => ask(act, { replica: number }) } }, label);
  const dead = replica.state === "stopped";
  return h(
    "li",
    { class: `replica ${replica.paused ? "paused" : replica.state}` },
    h("span", { class: "dot" }),
    h("span", { class: "about" }, h("strong", {}, name(number)), ` ${state(replica)}, ${plural(replica.starts, "start")}`, h("span", { class: "lease" }, lease(replica) && `, ${lease(replica)}`)),
    h(
      "span",
      { class: "buttons" },
      dead ? button("life", "start", "Start", "primary") : button("life", "kill", "Kill", "danger", "kill -9"),
      !dead && (replica.paused ? button("pause", "resume", "Resume", "primary", "SIGCONT") : button("pause", "pause", "Pause", "", "SIGSTOP")),
    ),
  );
}

/** The remaining seconds are shown where the replica does not renew its lease. */
function lease({ lease_ends_at: endsAt, state, paused }) {
  if (endsAt === null) return "";
  if (state === "running" && !paused) return "owns the workspace";
  return `owns the workspace for ${Math.max(0, Math.ceil(endsAt - Date.now() / 1000))} s more`;
}

setInterval(showReplicas, 500);

/** Buttons that choose whose log is shown. */
export function logChoice() {
  const one = (_, index) => h("button", { type: "button", class: "button", "aria-pressed": String(index === session.replica), "data-focus": `log/${index}`, on: { click: () => change({ replica: index }) } }, name(index + 1));
  return h("div", { class: "buttons", role: "group", "aria-label": "Whose log" }, world.get("replicas").map(one));
}
