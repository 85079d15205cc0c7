// Sends the person's actions to the server.

import { h } from "./dom.js";
import { session } from "./session.js";

/** Resolves to the answer; a refusal is shown as a toast and resolves to null. */
export async function ask(act, fields = {}) {
  const answer = await send(`act/${act}`, JSON.stringify({ person: session.me, ...fields }), "application/json");
  return answer;
}

/** Stores a file; resolves to its id, or to null. */
export async function upload(file, name, clip = false) {
  const query = new URLSearchParams({ person: session.me, name, ...(clip ? { clip: "1" } : {}) });
  const answer = await send(`upload?${query}`, file, file.type || "application/octet-stream");
  return answer?.id ?? null;
}

export async function look(path) {
  const response = await fetch(path);
  return response.ok ? response.json() : null;
}

async function send(path, body, type) {
  try {
    const response = await fetch(path, { method: "POST", headers: { "Content-Type": type }, body });
    const answer = await response.json();
    if (response.ok) return answer;
    toast(answer.error);
  } catch {
    toast("The playground does not answer. Is it still running in the terminal?");
  }
  return null;
}

/** Shows a message for a while, inside the topmost modal if there is one. */
export function toast(sentence) {
  const top = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  const place = top.querySelector(":scope > .toasts") ?? top.appendChild(h("div", { class: "toasts", role: "alert" }));
  const shown = h("div", { class: "toast" }, sentence);
  place.append(shown);
  setTimeout(() => shown.remove(), 6000);
}
