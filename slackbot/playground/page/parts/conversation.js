// The middle column: a channel's messages, or the app's home tab.

import { composer } from "./composer.js";
import { h, icon, reconcile } from "./dom.js";
import { home } from "./home.js";
import { showMessages } from "./message.js";
import { Pane } from "./pane.js";
import { ask } from "./server.js";
import { change, session } from "./session.js";
import { status, prompts } from "./status.js";
import { plural } from "./text.js";
import * as world from "./world.js";

const pane = new Pane("Messages", "messages");

/** What is being said here, `after` what was said before: its thread opens once the bot answers. */
let awaited = null;

export function showConversation(middle) {
  const channel = world.channel(session.channel);
  if (!channel) return reconcile(middle, [{ key: "none", version: "", build: () => h("p", { class: "nowhere none" }, "You are in no channel. Choose another person on the left.") }]);
  const atHome = channel.kind === "im" && session.tab === "home";
  const items = [{ key: "header", version: JSON.stringify([channel.id, channel.members, channel.name, session.tab, session.me]), build: () => header(channel) }];
  if (atHome) items.push({ key: `home/${session.me}`, version: JSON.stringify(world.get(`home/${session.me}`) ?? null), build: home, update: home.update });
  else {
    items.push({ key: "messages", version: "", build: () => pane.list });
    items.push({ key: "foot", version: "", build: () => pane.foot });
    const label = channel.kind === "im" ? `Message ${world.nameOf(channel, session.me)}` : `Message #${channel.name}`;
    items.push({ key: `composer/${channel.id}/${session.me}`, version: "", build: () => composer({ channel: channel.id, thread: null, label, saying: () => watchFor(channel.id) }) });
  }
  reconcile(middle, items);
  if (atHome) return;
  const rows = world.roots(channel.id);
  showMessages(pane.list, rows, { inThread: false, whispers: world.whispers(channel.id, session.me, null) });
  pane.list.classList.toggle("empty", rows.length === 0);
  pane.list.dataset.empty = channel.kind === "im" ? "Ask anything. Each message starts a thread of its own." : `Mention @${world.bot()?.name} to get an answer in a thread.`;
  reconcile(pane.foot, prompts(channel.id, "", rows.length === 0 || channel.kind === "im", () => watchFor(channel.id)));
  pane.settle(`${channel.id}/${session.me}`);
  follow(channel.id);
}

const watchFor = (channel) => (awaited = { channel, after: latestOfMine(channel) });
const latestOfMine = (channel) => world.roots(channel).filter((each) => each.user === session.me).at(-1)?.ts ?? "";

/** Opens the thread in which the bot answers what was just said here. */
function follow(channel) {
  if (!awaited || awaited.channel !== channel) return;
  const mine = world.roots(channel).filter((each) => each.user === session.me).at(-1);
  if (!mine || mine.ts <= awaited.after) return;
  const answering = world.get(`status/${channel}/${mine.ts}`) || mine.repliers.includes(world.bot()?.id);
  if (!answering) return;
  awaited = null;
  if (session.thread !== mine.ts) queueMicrotask(() => change({ thread: mine.ts }));
}

function header(channel) {
  const direct = channel.kind === "im";
  const name = world.nameOf(channel, session.me);
  const joined = channel.members.includes(session.me);
  const tab = (key, label) =>
    h("button", { type: "button", role: "tab", "aria-selected": String(session.tab === key), tabindex: session.tab === key ? "0" : "-1", "data-focus": `tab/${key}`, on: { click: () => open(key), keydown: arrows } }, label);
  const open = (key) => {
    change({ tab: key });
    ask("open_home", { tab: key });
  };
  const arrows = (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    open(session.tab === "home" ? "messages" : "home");
    document.querySelector(`[data-focus="tab/${session.tab}"]`)?.focus();
  };
  return h(
    "div",
    { class: "pane-header" },
    h("h2", {}, direct ? null : icon(channel.kind === "group" ? "lock" : "hash"), name),
    direct ? h("div", { class: "tabs", role: "tablist", "aria-label": `${name}` }, tab("messages", "Messages"), tab("home", "Home")) : h("span", { class: "detail" }, plural(channel.members.length, "member"), joined ? "" : ", you join by writing"),
  );
}
