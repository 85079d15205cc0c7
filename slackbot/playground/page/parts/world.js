// The page's state: objects by key, kept up to date by the server's feed.

const things = new Map();
const listeners = new Set();
/** Messages by channel, then by ts. */
const messages = new Map();
export const connection = { open: false };

export function listen() {
  const source = new EventSource("feed");
  source.addEventListener("open", () => {
    connection.open = true;
    tell();
  });
  source.addEventListener("error", () => {
    connection.open = false;
    tell();
  });
  source.addEventListener("message", (event) => {
    const { all, put, drop } = JSON.parse(event.data);
    if (all) {
      things.clear();
      messages.clear();
    }
    for (const key of drop) remove(key);
    for (const [key, value] of Object.entries(put)) store(key, value);
    tell();
  });
}

export function whenChanged(listener) {
  listeners.add(listener);
}

function tell() {
  for (const listener of listeners) listener();
}

function store(key, value) {
  things.set(key, value);
  const [kind, channel, ts] = key.split("/");
  if (kind === "message") {
    if (!messages.has(channel)) messages.set(channel, new Map());
    value.version = JSON.stringify(value);
    messages.get(channel).set(ts, value);
  }
}

function remove(key) {
  things.delete(key);
  const [kind, channel, ts] = key.split("/");
  if (kind === "message") messages.get(channel)?.delete(ts);
}

export const get = (key) => things.get(key);

/** The values whose keys start with `kind/`. */
export function all(kind) {
  const found = [];
  for (const [key, value] of things) if (key.startsWith(`${kind}/`)) found.push(value);
  return found;
}

/** [rest of the key, value] for all keys with this start. */
export function entries(start) {
  const found = [];
  for (const [key, value] of things) if (key.startsWith(start)) found.push([key.slice(start.length), value]);
  return found;
}

export const person = (id) => things.get(`person/${id}`);
export const bot = () => person(get("team")?.bot);
export const channel = (id) => things.get(`channel/${id}`);
export const people = () => all("person").filter((each) => each.role !== "app");
export const message = (channel, ts) => messages.get(channel)?.get(ts);

const byTime = (one, other) => (one.ts < other.ts ? -1 : 1);

/** The messages of a channel without the replies in threads. */
export function roots(channel) {
  return [...(messages.get(channel)?.values() ?? [])]
    .filter((each) => !each.thread_ts || each.thread_ts === each.ts || each.subtype === "thread_broadcast")
    .sort(byTime);
}

export function thread(channel, ts) {
  return [...(messages.get(channel)?.values() ?? [])]
    .filter((each) => each.ts === ts || each.thread_ts === ts)
    .sort(byTime);
}

export function whispers(channel, user, threadTs) {
  return entries(`ephemeral/${channel}/`)
    .map(([, value]) => value)
    .filter((each) => each.user === user && (each.thread_ts ?? null) === threadTs);
}

/** The channels that a person sees: guests and outsiders only those they are in. */
export function channelsOf(me) {
  const outsider = me.role === "guest" || me.role === "outsider";
  return all("channel").filter(
    (each) => each.members.includes(me.id) || (each.kind === "channel" && !outsider),
  );
}

export function nameOf(channel, me) {
  if (channel.kind === "im") return channel.members.includes(me) ? (bot()?.name ?? "") : channel.name;
  return channel.name;
}
