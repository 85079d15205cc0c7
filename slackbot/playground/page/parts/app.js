// The page: redraws whenever the workspace or the person's view has changed.

import { announce } from "./announcer.js";
import { showConversation } from "./conversation.js";
import { showDrawer } from "./inspector.js";
import { showModal } from "./modal.js";
import { session, change, whenMoved } from "./session.js";
import { showSidebar } from "./sidebar.js";
import { closeThread, showThread } from "./threadpane.js";
import { showTopbar, theme } from "./topbar.js";
import * as world from "./world.js";

const part = (id) => document.getElementById(id);
let due = false;

function draw() {
  due = false;
  if (!world.get("team") || !world.get("bot")) return;
  settle();
  document.documentElement.dataset.theme = theme();
  document.title = `${titleOf()} | ${world.get("team").name}`;
  showTopbar(part("topbar"));
  showSidebar(part("sidebar"));
  showConversation(part("middle"));
  showThread(part("thread"));
  showDrawer(part("drawer"));
  showModal();
  announce();
}

/** Selects a valid person and channel, whatever the last visit left. */
function settle() {
  const me = world.person(session.me) ?? world.people()[0];
  const channels = world.channelsOf(me);
  const here = channels.find((each) => each.id === session.channel) ?? channels[0];
  if (me.id !== session.me || here?.id !== session.channel) Object.assign(session, { me: me.id, channel: here?.id ?? null, thread: null });
}

function titleOf() {
  const channel = world.channel(session.channel);
  return channel ? (channel.kind === "im" ? world.nameOf(channel, session.me) : `#${channel.name}`) : "Playground";
}

function soon() {
  if (due) return;
  due = true;
  requestAnimationFrame(draw);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (session.drawer !== null && part("drawer").contains(document.activeElement)) change({ drawer: null });
  else if (session.thread) closeThread();
  else if (session.drawer !== null) change({ drawer: null });
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
world.whenChanged(soon);
whenMoved(soon);
world.listen();
