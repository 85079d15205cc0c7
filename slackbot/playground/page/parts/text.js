// Formats words and numbers.

const clock = new Intl.DateTimeFormat([], { hour: "numeric", minute: "2-digit" });
const day = new Intl.DateTimeFormat([], { weekday: "long", month: "long", day: "numeric" });
const exact = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "medium" });

const date = (ts) => new Date(Number(ts) * 1000);
export const time = (ts) => clock.format(date(ts));
export const moment = (ts) => exact.format(date(ts));

export function dayOf(ts) {
  const shown = day.format(date(ts));
  return shown === day.format(new Date()) ? "Today" : shown;
}

export const plural = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;

export function bytes(size) {
  if (size < 1024) return `${size} B`;
  if (size < 1024 ** 2) return `${Math.round(size / 1024)} KB`;
  return `${(size / 1024 ** 2).toFixed(1)} MB`;
}

export const seconds = (value) => (value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(2)} s`);

export const EMOJI = {
  "+1": "👍", "-1": "👎", heart: "❤️", joy: "😂", tada: "🎉", eyes: "👀", white_check_mark: "✅",
  pray: "🙏", rocket: "🚀", thinking_face: "🤔", wave: "👋", fire: "🔥", thumbsup: "👍", thumbsdown: "👎",
};
export const emoji = (name) => EMOJI[name] ?? `:${name}:`;
