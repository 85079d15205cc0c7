// Announces messages to screen readers: each one once, and a growing answer when it is complete.

import { session } from "./session.js";
import * as world from "./world.js";

const CALM = 1500;
/** Milliseconds without a change after which a message counts as complete. */
const FRESH = 10;
/** Seconds for which a message counts as new when its channel is opened. */

const told = new Map();
const waiting = new Map();
let place = null;
let statusTold = "";

export function announce() {
  const bot = world.bot();
  const here = JSON.stringify([session.me, session.channel, session.thread]);
  const arrived = here !== place;
  for (const each of inView()) {
    const key = `${each.channel}/${each.ts}`;
    if (told.get(key) === each.version) continue;
    const known = told.has(key);
    told.set(key, each.version);
    const stale = arrived && (place === null || Date.now() / 1000 - Number(each.ts) > FRESH);
    if (stale || each.user === session.me || each.deleted) continue;
    clearTimeout(waiting.get(key));
    if (known && each.user !== bot?.id) continue;
    waiting.set(key, setTimeout(() => say(`${world.person(each.user)?.name}: `, wordsOf(each.ts)), CALM));
  }
  place = here;
  const status = session.thread ? world.get(`status/${session.channel}/${session.thread}`) : "";
  if (status && status !== statusTold) say(`${bot?.name} `, status);
  statusTold = status ?? "";
}

/** The visible messages, including ephemeral ones. */
function inView() {
  const { channel, thread, me } = session;
  const messages = thread ? world.thread(channel, thread) : world.roots(channel);
  const whispers = [...world.whispers(channel, me, null), ...(thread ? world.whispers(channel, me, thread) : [])];
  return [...messages, ...whispers.map(({ ts }) => ({ channel, ts, user: world.bot()?.id, version: "whisper" }))];
}

/** Forgets messages that are no longer visible. */
function say(who, words) {
  if (words) document.getElementById("announcer").textContent = who + words;
}

function wordsOf(ts) {
  const row = document.querySelector(`.message[data-ts="${CSS.escape(ts)}"] .body`);
  return row ? [...row.querySelectorAll(".prose")].map((each) => each.textContent).join(" ") || row.textContent : "";
}
