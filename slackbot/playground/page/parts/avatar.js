// A person's avatar: initials on a colour of their own; the bot has a face.

import { h } from "./dom.js";

export function avatar(person, small = false) {
  const element = h("span", { class: `avatar ${small ? "small" : ""} ${person?.role === "app" ? "app" : ""}`, "aria-hidden": "true" });
  element.textContent = person?.role === "app" ? "✳" : initials(person?.real_name ?? "?");
  element.style.setProperty("--hue", hue(person?.id ?? ""));
  return element;
}

const initials = (name) => name.split(/\s+/).map((part) => part[0] ?? "").join("").slice(0, 2).toUpperCase();

function hue(text) {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return (sum * 137) % 360;
}
