// A picker with a few emoji for reactions.

import { h } from "./dom.js";
import { EMOJI } from "./text.js";

let open = null;

export function pickReaction(anchor, choose) {
  open?.remove();
  const names = Object.keys(EMOJI).filter((name) => !name.startsWith("thumbs"));
  const close = (back = true) => {
    open?.remove();
    open = null;
    document.removeEventListener("pointerdown", outside, true);
    if (back) anchor.focus({ preventScroll: true });
  };
  const outside = (event) => open && !open.contains(event.target) && close(false);
  const buttons = names.map((name) =>
    h("button", { type: "button", "aria-label": name, title: name, on: { click: () => { close(); choose(name); } } }, EMOJI[name]),
  );
  const keys = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 6, ArrowUp: -6 }[event.key];
    if (event.key === "Escape") close();
    else if (step) buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  open = h("div", { class: "picker", role: "group", "aria-label": "Reactions", on: { keydown: keys } }, buttons);
  document.body.append(open);
  const box = anchor.getBoundingClientRect();
  open.style.left = `${Math.max(8, Math.min(box.right - open.offsetWidth, innerWidth - open.offsetWidth - 8))}px`;
  open.style.top = `${box.top > open.offsetHeight + 8 ? box.top - open.offsetHeight - 4 : box.bottom + 4}px`;
  document.addEventListener("pointerdown", outside, true);
  buttons[0].focus();
}
