// Asking the server for something on behalf of the person.

import { h } from "./dom.js";
import { session } from "./session.js";

/** Resolves to the answer; what is refused is shown as a toast and resolves to null. */
export async function ask(act, fields = {}) {
  const answer = await send(`/act/${act}`, JSON.stringify({ person: session.me, ...fields }), "application/json");
  return answer;
}

/** Stores a file; resolves to its id, or to null. */
export async function upload(file, name, clip = false) {
  const query = new URLSearchParams({ person: session.me, name, ...(clip ? { clip: "1" } : {}) });
  const answer = await send(`/upload?${query}`, file, file.type || "application/octet-stream");
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

export function toast(sentence) {
  const shown = h("div", { class: "toast" }, sentence);
  document.getElementById("toasts").append(shown);
  setTimeout(() => shown.remove(), 6000);
}
