// A person's topmost modal: https://docs.slack.dev/surfaces/modals

import { showBlocks } from "./blocks.js";
import { h, icon } from "./dom.js";
import { ask } from "./server.js";
import { session } from "./session.js";
import { complaints, forget, placeOf } from "./view.js";
import * as world from "./world.js";

let shown = null;

export function showModal() {
  const stack = world.get(`modal/${session.me}`) ?? [];
  const view = stack.at(-1);
  if (shown && shown.id !== view?.id) {
    const { dialog, id } = shown;
    shown = null;
    if (!stack.some((each) => each.id === id)) forget(id);
    dialog.close();
    dialog.remove();
  }
  if (!view) return;
  if (!shown) open(view);
  fill(view);
}

function open(view) {
  const body = h("div", { class: "modal-body" });
  const blocks = h("div", { class: "blocks" });
  body.append(blocks);
  const dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title" });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  dialog.append(h("div", { class: "modal-frame" }));
  shown = { id: view.id, dialog, blocks, body, version: "" };
  document.body.append(dialog);
  dialog.showModal();
  queueMicrotask(() => dialog.querySelector(".modal-body :is(input, textarea, select)")?.focus());
}

function close() {
  if (shown) ask("close", { view: shown.id });
}

function fill(view) {
  const place = placeOf(view);
  const version = JSON.stringify([view.title, view.submit, view.close]);
  if (shown.version !== version) {
    shown.version = version;
    const cross = h("button", { type: "button", class: "tool", "aria-label": "Close", on: { click: close } });
    cross.append(icon("close"));
    const submit = view.submit ? h("button", { type: "button", class: "button primary", html: view.submit.html, on: { click: (event) => send(event.currentTarget) } }) : null;
    shown.dialog.firstChild.replaceChildren(
      h("div", { class: "modal-header" }, h("h2", { id: "modal-title", html: view.title?.html ?? "" }), cross),
      shown.body,
      h("div", { class: "modal-footer" }, h("button", { type: "button", class: "button", html: view.close?.html ?? "Close", on: { click: close } }), submit),
    );
  }
  showBlocks(shown.blocks, view.blocks, place);
}

async function send(button) {
  const { id } = shown;
  const view = world.get(`modal/${session.me}`)?.find((each) => each.id === id);
  if (!view) return;
  const place = placeOf(view);
  place.errors = complaints(view, place.inputs);
  if (!Object.keys(place.errors).length) {
    button.disabled = true;
    const answer = await ask("submit", { view: id, state: place.state() });
    button.disabled = false;
    place.errors = answer?.errors ?? {};
  }
  if (!shown || shown.id !== id) return;
  showBlocks(shown.blocks, world.get(`modal/${session.me}`)?.at(-1)?.blocks ?? [], place);
  shown.dialog.querySelector("[aria-invalid]")?.focus();
}
