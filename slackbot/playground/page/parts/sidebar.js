// Channels, direct messages, and the choice of the person.

import { avatar } from "./avatar.js";
import { h, icon, reconcile } from "./dom.js";
import { ask } from "./server.js";
import { change, session } from "./session.js";
import * as world from "./world.js";

/** The newest message that each person has read in a channel. */
const seen = new Map(JSON.parse(sessionStorage.getItem("playground-seen") ?? "[]"));

export function showSidebar(sidebar) {
  const me = world.person(session.me);
  const mine = world.channelsOf(me);
  const named = mine.filter((each) => each.kind === "channel" || each.kind === "group");
  const direct = mine.filter((each) => (each.kind === "im" || each.kind === "mpim") && each.members.includes(me.id));
  noteSeen();
  reconcile(sidebar, [
    { key: "who", version: JSON.stringify([session.me, world.people()]), build: () => who(me) },
    section("Channels", named, me),
    section("Direct messages", direct, me),
  ]);
}

function section(title, channels, me) {
  return {
    key: title,
    version: JSON.stringify([channels.map((each) => [each.id, each.name, unread(each.id)]), session.channel, me.id]),
    build: () =>
      h("div", { class: "section-list" }, h("h2", {}, title), channels.length ? h("ul", {}, channels.map((each) => h("li", {}, link(each, me)))) : h("p", { class: "none" }, "None for you")),
  };
}

function link(channel, me) {
  const here = session.channel === channel.id;
  const name = world.nameOf(channel, me.id);
  const mark = channel.kind === "im" ? avatar(world.bot(), true) : icon(channel.kind === "group" ? "lock" : "hash");
  const many = unread(channel.id);
  const label = channel.kind === "im" ? `${name}, direct message` : `${name}, ${channel.kind === "group" ? "private channel" : "channel"}`;
  return h(
    "button",
    { type: "button", class: `place ${here ? "here" : ""} ${many ? "unread" : ""}`, "aria-current": here ? "page" : null, "aria-label": many ? `${label}, ${many} new` : label, "data-focus": `place/${channel.id}`, on: { click: () => go(channel.id) } },
    mark,
    h("span", { class: "name" }, name),
    many && !here ? h("span", { class: "count", "aria-hidden": "true" }, String(many)) : null,
  );
}

export function go(channel) {
  const there = world.channel(channel);
  change({ channel, thread: null, editing: null, tab: "messages" });
  if (there?.kind === "im") ask("open_home", { tab: "messages" });
}

const asMe = (channel) => `${session.me}/${channel}`;
const latest = (channel) => world.roots(channel).at(-1)?.ts ?? "";

function noteSeen() {
  const newest = latest(session.channel);
  if (seen.get(asMe(session.channel)) === newest) return;
  seen.set(asMe(session.channel), newest);
  sessionStorage.setItem("playground-seen", JSON.stringify([...seen]));
}

function unread(channel) {
  const since = seen.get(asMe(channel)) ?? "";
  return world.roots(channel).filter((each) => each.ts > since && each.user !== session.me).length;
}

function who(me) {
  const choose = (event) => {
    const user = event.currentTarget.value;
    const next = world.person(user);
    const same = world.channelsOf(next).some((each) => each.id === session.channel && each.kind !== "im");
    change({ me: user, editing: null, ...(same ? {} : { channel: world.channelsOf(next)[0]?.id ?? null, thread: null, tab: "messages" }) });
  };
  return h(
    "div",
    { class: "who" },
    avatar(me),
    h(
      "label",
      {},
      h("span", { class: "caption" }, "You are"),
      h("select", { "data-focus": "who", on: { change: choose } }, world.people().map((each) => h("option", { value: each.id, selected: each.id === me.id }, `${each.real_name}, ${each.role}`))),
    ),
  );
}
