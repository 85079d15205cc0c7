// Completions of typed text: people after @, channels after #, commands after a / at the start.

import { avatar } from "./avatar.js";
import * as world from "./world.js";
import { session } from "./session.js";

const MOST = 8;

/** `{start, items}` for the word before the caret, each item with what to `insert`; null for none. */
export function completions(text, caret, inThread) {
  const before = text.slice(0, caret);
  if (before.startsWith("/") && !before.includes("\n")) return commands(before, inThread);
  const found = /(^|[\s(])([@#])([\p{L}\p{M}\p{N}_.-]*)$/u.exec(before);
  if (!found) return null;
  const [, , sign, word] = found;
  const start = caret - word.length - 1;
  const items = (sign === "@" ? people() : channels()).filter((each) => each.words.some((each) => each.startsWith(word.toLowerCase())));
  return items.length ? { start, items: items.slice(0, MOST) } : null;
}

function people() {
  const bot = world.bot();
  const here = world.channel(session.channel)?.members ?? [];
  const known = [...(bot ? [bot] : []), ...world.people().sort((one, other) => here.includes(other.id) - here.includes(one.id))];
  return known.map((each) => ({
    label: `@${each.name}`,
    detail: each.role === "app" ? "App" : each.real_name,
    mark: avatar(each, true),
    words: [each.name, ...each.real_name.split(" ")].map((word) => word.toLowerCase()),
    insert: `@${each.name} `,
  }));
}

function channels() {
  const me = world.person(session.me);
  return world
    .channelsOf(me)
    .filter((each) => each.kind === "channel" || each.kind === "group")
    .map((each) => ({ label: `#${each.name}`, words: [each.name], insert: `#${each.name} ` }));
}

function commands(before, inThread) {
  if (inThread) return null; // Slack knows none there
  const [word, ...rest] = before.split(" ");
  const known = world.get("commands") ?? [];
  if (!rest.length) {
    const items = known
      .filter((each) => each.command.startsWith(word))
      .map((each) => ({ label: each.command, detail: each.description, insert: `${each.command} `, exact: each.command === word }));
    return items.length && !items.some((each) => each.exact) ? { start: 0, items } : null;
  }
  const command = known.find((each) => each.command === word);
  const typed = rest.join(" ");
  if (!command || rest.length > 1) return null;
  const items = (command.usage_hint ?? "")
    .split("|")
    .map((usage) => usage.trim())
    .filter((usage) => usage && usage.split(" ")[0].startsWith(typed) && usage.split(" ")[0] !== typed)
    .map((usage) => ({ label: usage, detail: command.command, insert: usage.split(" ")[0] + (usage.includes(" ") ? " " : "") }));
  return items.length ? { start: word.length + 1, items: items.slice(0, 12) } : null;
}
