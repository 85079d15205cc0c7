// The thread pane on the right.

import { composer } from "./composer.js";
import { h, icon, reconcile } from "./dom.js";
import { showMessages } from "./message.js";
import { Pane } from "./pane.js";
import { change, session } from "./session.js";
import { prompts, status } from "./status.js";
import * as world from "./world.js";

const pane = new Pane("Messages of the thread");

export function showThread(aside) {
  const channel = world.channel(session.channel);
  const messages = session.thread && channel ? world.thread(channel.id, session.thread) : [];
  aside.hidden = messages.length === 0;
  document.body.classList.toggle("with-thread", !aside.hidden);
  if (aside.hidden) return;
  const ts = session.thread;
  const title = world.get(`title/${channel.id}/${ts}`) ?? "";
  const names = channel.kind === "im" ? world.nameOf(channel, session.me) : `#${channel.name}`;
  reconcile(aside, [
    { key: "header", version: names + title, build: () => header(names, title) },
    { key: "messages", version: "", build: () => pane.list },
    { key: "foot", version: "", build: () => pane.foot },
    { key: `composer/${channel.id}/${ts}/${session.me}`, version: "", build: () => composer({ channel: channel.id, thread: ts, label: "Reply in the thread" }) },
  ]);
  showMessages(pane.list, messages, { inThread: true, whispers: world.whispers(channel.id, session.me, ts) });
  reconcile(pane.foot, [...status(channel.id, ts), ...prompts(channel.id, ts, true)]);
  pane.settle(`${channel.id}/${ts}`);
}

function header(names, title) {
  const close = h("button", { type: "button", class: "tool", "aria-label": "Close the thread", title: "Close the thread", "data-focus": "close-thread", on: { click: closeThread } });
  close.append(icon("close"));
  return h("div", { class: "pane-header" }, h("h2", {}, "Thread"), h("span", { class: "detail" }, title || names), close);
}

export function closeThread() {
  const ts = session.thread;
  change({ thread: null });
  document.querySelector(`#middle [data-focus="message/${CSS.escape(ts ?? "")}"]`)?.focus();
}
