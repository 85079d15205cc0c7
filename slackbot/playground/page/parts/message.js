// A message: author, time, content and actions.

import { avatar } from "./avatar.js";
import { showBlocks } from "./blocks.js";
import { h, icon, reconcile, sanitised } from "./dom.js";
import { editKey, editor } from "./composer.js";
import { files } from "./files.js";
import { pickReaction } from "./picker.js";
import { onMessage } from "./place.js";
import { ask } from "./server.js";
import { change, session } from "./session.js";
import { confirmed } from "./confirm.js";
import { dayOf, emoji, moment, plural, time } from "./text.js";
import * as world from "./world.js";

const GROUPED = 300;
/** Seconds within which one person's messages share a heading. */

const places = new Map();

function placeOf(message) {
  const key = `${message.channel}/${message.ts}`;
  if (!places.has(key)) places.set(key, onMessage(message));
  return places.get(key);
}

/** Shows messages in a list, with dates between them. `inThread` omits the threads. */
export function showMessages(list, messages, { inThread, whispers = [] }) {
  const rows = [];
  let before = null;
  for (const each of merged(messages, whispers)) {
    if (!before || dayOf(before.ts) !== dayOf(each.ts)) {
      const day = dayOf(each.ts);
      rows.push({ key: `day/${day}`, version: "", build: () => h("div", { class: "day", role: "separator" }, h("span", {}, day)) });
      before = null;
    }
    const grouped = Boolean(before) && !each.whisper && !before.whisper && before.user === each.user && Number(each.ts) - Number(before.ts) < GROUPED && !(before.replies && !inThread) && !each.deleted && !before.deleted;
    const editing = session.editing === editKey(each, inThread);
    const chosen = session.answer?.ts === each.ts && session.drawer !== null;
    rows.push({
      key: each.ts,
      version: JSON.stringify([each.version ?? each, grouped, editing, chosen, session.me]),
      build: () => fill(h("article", { class: "message", tabindex: "-1", "data-focus": `message/${each.ts}`, "data-ts": each.ts }), each, { grouped, editing, inThread, chosen }),
      update: (row) => fill(row, each, { grouped, editing, inThread, chosen }),
    });
    before = each;
  }
  reconcile(list, rows);
}

function merged(messages, whispers) {
  const shown = whispers.filter((each) => !dismissed.has(each.ts)).map((each) => ({ ...each, whisper: true }));
  return [...messages, ...shown].sort((one, other) => (one.ts < other.ts ? -1 : 1));
}

const dismissed = new Set();

function fill(row, message, { grouped, editing, inThread, chosen }) {
  const author = world.person(message.whisper ? world.bot()?.id : message.user);
  row.classList.toggle("grouped", grouped);
  row.classList.toggle("whisper", Boolean(message.whisper));
  row.classList.toggle("chosen", chosen);
  row.classList.toggle("action", message.subtype === "me_message");
  row.setAttribute("aria-label", message.deleted ? "A deleted message" : `${author?.name ?? "?"} at ${time(message.ts)}`);
  const part = (key, version, build, update) => ({ key, version: JSON.stringify(version), build, update });
  const parts = [];
  if (message.deleted) parts.push(part("gone", 0, () => h("p", { class: "gone" }, "This message was deleted.")));
  else {
    parts.push(part("head", [grouped, author, message.ts, message.whisper], () => head(message, author, grouped)));
    if (message.tasks?.length) parts.push(part("tasks", message.tasks, () => tasks(message.tasks)));
    if (editing) parts.push(part("editor", 0, () => editor(message)));
    else parts.push(part("body", [message.text, message.html, message.blocks, message.edited, session.me], () => body(h("div", { class: "body" }), message), (element) => body(element, message)));
    if (message.files?.length) parts.push(part("files", message.files, () => files(message.files)));
    if (message.attachments?.length) parts.push(part("attachments", message.attachments, () => attachments(message.attachments)));
    if (Object.keys(message.reactions ?? {}).length) parts.push(part("reactions", [message.reactions, session.me], () => reactions(message)));
  }
  if (!inThread && message.replies) parts.push(part("thread", [message.replies, message.repliers, message.latest], () => threadLink(message)));
  if (!message.deleted && !editing) parts.push(part("tools", [message.user, session.me, message.whisper, inThread], () => tools(message, inThread)));
  reconcile(row, parts);
  return row;
}

function head(message, author, grouped) {
  const when = h("time", { class: "when", title: moment(message.ts), datetime: new Date(Number(message.ts) * 1000).toISOString() }, time(message.ts));
  if (grouped) return h("div", { class: "head slim" }, when);
  const badge = author?.role === "app" ? "App" : author?.role === "guest" ? "Guest" : author?.role === "outsider" ? "Other organisation" : "";
  return h(
    "div",
    { class: "head" },
    avatar(author),
    h("span", { class: "author" }, author?.role === "app" ? author.name : (author?.real_name ?? "?")),
    badge ? h("span", { class: "badge" }, badge) : null,
    when,
    message.whisper ? h("span", { class: "only-you" }, "Only visible to you") : null,
  );
}

function body(element, message) {
  const place = placeOf(message);
  if (message.blocks.length) {
    element.plain?.remove();
    element.plain = null;
    element.blocks ??= element.appendChild(h("div", { class: "blocks" }));
    showBlocks(element.blocks, message.blocks, place);
  } else {
    element.blocks?.remove();
    element.blocks = null;
    element.plain ??= element.appendChild(h("div", { class: "prose" }));
    sanitised(element.plain, message.html);
    for (const mention of element.plain.querySelectorAll(`[data-user="${CSS.escape(session.me ?? "")}"]`)) mention.classList.add("me");
  }
  element.mark?.remove();
  element.mark = message.edited ? element.appendChild(h("span", { class: "edited" }, "(edited)")) : null;
  return element;
}

/** The task cards of a stream. */
const tasks = (all) =>
  h("ul", { class: "tasks", "aria-label": "Tasks" }, all.map(([title, status]) => h("li", { class: `task ${status}` }, h("span", { class: "mark", "aria-hidden": "true" }, status === "complete" ? "✓" : ""), h("span", { class: "title" }, title), h("span", { class: "state" }, status.replace("_", " ")))));

const attachments = (all) =>
  h("div", { class: "attachments" }, all.map((each) => h("div", { class: "attachment" }, h("strong", {}, each.title ?? ""), each.text ? h("div", {}, each.text) : null)));

function reactions(message) {
  const one = ([name, users]) =>
    h(
      "button",
      {
        type: "button",
        class: `reaction ${users.includes(session.me) ? "mine" : ""}`,
        "aria-pressed": String(users.includes(session.me)),
        "aria-label": `${name}, ${plural(users.length, "reaction")}`,
        title: users.map((each) => world.person(each)?.name).join(", "),
        "data-focus": `reaction/${message.ts}/${name}`,
        on: { click: () => react(message, name) },
      },
      emoji(name),
      h("span", {}, String(users.length)),
    );
  return h("div", { class: "reactions" }, Object.entries(message.reactions).map(one));
}

const react = (message, name) => ask("react", { channel: message.channel, ts: message.ts, name });

function threadLink(message) {
  return h(
    "button",
    { type: "button", class: "thread-link", "data-focus": `thread/${message.ts}`, on: { click: () => change({ thread: message.ts }) } },
    message.repliers.slice(0, 3).map((each) => avatar(world.person(each), true)),
    h("strong", {}, plural(message.replies, "reply").replace("replys", "replies")),
    h("span", { class: "when" }, `Last at ${time(message.latest)}`),
  );
}

function tools(message, inThread) {
  const me = world.person(session.me);
  const tool = (name, label, action) => {
    const pressed = h("button", { type: "button", class: "tool", "aria-label": label, title: label, "data-focus": `${label}/${message.ts}`, on: { click: (event) => action(event.currentTarget) } });
    pressed.append(icon(name));
    return pressed;
  };
  const bar = h("div", { class: "tools" });
  if (message.whisper) {
    bar.append(tool("close", "Dismiss", () => { dismissed.add(message.ts); change({}); }));
    return bar;
  }
  bar.append(tool("smile", "Add a reaction", (at) => pickReaction(at, (name) => react(message, name))));
  if (!inThread) bar.append(tool("reply", "Reply in thread", () => change({ thread: message.thread_ts ?? message.ts })));
  if (message.user === world.bot()?.id) bar.append(tool("inspect", "Inspect this answer", () => change({ drawer: "answer", answer: { channel: message.channel, ts: message.ts } })));
  if (message.user === session.me) bar.append(tool("edit", "Edit", () => change({ editing: editKey(message, inThread) })));
  if (message.user === session.me || me?.role === "owner" || me?.role === "admin") bar.append(tool("trash", "Delete", () => remove(message)));
  return bar;
}

async function remove(message) {
  const asked = { title: { html: "Delete this message?" }, text: { html: "This can't be undone." }, confirm: { html: "Delete" }, style: "danger" };
  if (await confirmed(asked)) ask("delete", { channel: message.channel, ts: message.ts });
}
