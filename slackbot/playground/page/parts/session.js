// The person and their view. Stored for this tab, so that a reload shows the same, and another tab
// can be another person.

const KEY = "playground";
const listeners = new Set();

export const session = {
  me: null,
  channel: null,
  tab: "messages",
  thread: null,
  drawer: null,
  answer: null,
  replica: 0,
  editing: null,
  theme: "",
  ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}"),
};

export function change(parts) {
  Object.assign(session, parts);
  sessionStorage.setItem(KEY, JSON.stringify({ ...session, editing: null }));
  for (const listener of listeners) listener();
}

export function whenMoved(listener) {
  listeners.add(listener);
}
