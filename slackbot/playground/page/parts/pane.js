// A column of messages that stays scrolled to its end, unless the person has scrolled up. Tab leads
// to the last focused or newest message and its content; arrows lead to the others.

import { h } from "./dom.js";

const NEAR = 60;
const CONTROLS = "a[href], audio, button, input, select, summary, textarea";

export class Pane {
  constructor(label, id) {
    this.list = h("div", { class: "messages", role: "region", "aria-label": label, ...(id ? { id } : {}), tabindex: "-1", on: { keydown: (event) => this.#move(event), focusin: (event) => this.#enter(event.target.closest(".message")) } });
    /** The last focused message. */
    this.entered = null;
    this.list.addEventListener("scroll", () => (this.atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR));
    this.atEnd = true;
    this.foot = h("div", { class: "foot" });
    this.rest = h("div", { class: "rest" });
    this.shown = null;
    new ResizeObserver(() => this.settle()).observe(this.list);
  }

  /** Call this after the messages of `what` are in the list. */
  settle(what = this.shown) {
    if (what !== this.shown) {
      this.shown = what;
      this.atEnd = true;
    }
    if (this.atEnd) this.list.scrollTop = this.list.scrollHeight;
    this.#enter(this.entered);
  }

  /** Removes all but one message and their content from the Tab order. */
  #enter(row) {
    this.entered = row;
    const rows = [...this.list.querySelectorAll(".message")];
    const stop = rows.includes(row) ? row : rows.at(-1);
    for (const each of rows) {
      each.tabIndex = each === stop ? 0 : -1;
      for (const control of each.querySelectorAll(CONTROLS)) control.tabIndex = each.tabIndex;
    }
  }

  /** Arrows move between messages, Home and End go to the first and last. */
  #move(event) {
    const row = document.activeElement?.closest?.(".message");
    if (!row || document.activeElement !== row) return;
    const rows = [...this.list.querySelectorAll(".message")];
    const at = rows.indexOf(row);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || !rows[to]) return;
    event.preventDefault();
    rows[to].focus();
  }
}
