// Tells a screen reader what happens, once each, and not every word of an answer that grows.

import { session } from "./session.js";
import * as world from "./world.js";

const CALM = 1500;
/** Milliseconds without a change after which a message counts as written. */

const told = new Map();
const waiting = new Map();
let begun = false;
let statusTold = "";

export function announce() {
  const place = document.getElementById("announcer");
  const say = (words) => (place.textContent = words);
  const here = session.thread ? world.thread(session.channel, session.thread) : world.roots(session.channel);
  for (const each of here) {
    const key = `${each.channel}/${each.ts}`;
    if (told.get(key) === each.version) continue;
    const known = told.has(key);
    told.set(key, each.version);
    if (!begun || each.user === session.me || each.deleted) continue;
    clearTimeout(waiting.get(key));
    if (known && each.user !== world.bot()?.id) continue;
    waiting.set(key, setTimeout(() => say(`${world.person(each.user)?.name}: ${wordsOf(key)}`), CALM));
  }
  begun = true;
  const status = session.thread ? world.get(`status/${session.channel}/${session.thread}`) : "";
  if (status && status !== statusTold) say(`${world.bot()?.name} ${status}`);
  statusTold = status ?? "";
}

function wordsOf(key) {
  const row = document.querySelector(`.message[data-ts="${CSS.escape(key.split("/")[1])}"] .body`);
  return row ? [...row.querySelectorAll(".prose")].map((each) => each.textContent).join(" ") || row.textContent : "";
}
