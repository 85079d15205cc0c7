// A list that opens at an input during typing; arrows move, Enter or Tab choose, Escape closes.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/

import { h } from "./dom.js";

let count = 0;

export class Listbox {
  /** `input` is the text field; `choose(item)` is called with the chosen item. */
  constructor(input, choose, label) {
    this.input = input;
    this.choose = choose;
    this.items = [];
    this.active = -1;
    this.id = `listbox-${(count += 1)}`;
    this.list = h("ul", { class: "listbox", role: "listbox", id: this.id, "aria-label": label, hidden: true });
    this.combobox = input.tagName === "INPUT"; // a textarea may not be called one
    if (this.combobox) input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.id);
    input.addEventListener("blur", () => this.close());
    this.close();
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** Each item is `{label, detail?, mark?}`; an empty array closes the list. */
  show(items, active = 0) {
    this.items = items;
    this.list.replaceChildren(...items.map((item, index) => this.#option(item, index)));
    this.list.hidden = items.length === 0;
    if (this.combobox) this.input.setAttribute("aria-expanded", String(this.isOpen));
    this.#point(items.length ? active : -1);
  }

  close() {
    this.show([]);
  }

  /** Handles a key; returns true if it was meant for the list. */
  takes(event) {
    if (!this.isOpen) return false;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      const size = this.items.length;
      this.#point((this.active + moves[event.key] + size) % size);
    } else if ((event.key === "Enter" || event.key === "Tab") && this.active >= 0) {
      this.choose(this.items[this.active]);
    } else if (event.key === "Escape") {
      this.close();
      event.stopPropagation();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  #option(item, index) {
    return h(
      "li",
      {
        role: "option",
        id: `${this.id}-${index}`,
        on: {
          pointerdown: (event) => {
            event.preventDefault();
            this.choose(item);
          },
          pointermove: () => this.active !== index && this.#point(index),
        },
      },
      item.mark ?? null,
      h("span", { class: "label" }, item.label),
      item.detail ? h("span", { class: "detail" }, item.detail) : null,
    );
  }

  #point(index) {
    this.active = index;
    for (const [number, option] of [...this.list.children].entries()) option.setAttribute("aria-selected", String(number === index));
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else {
      this.input.setAttribute("aria-activedescendant", `${this.id}-${index}`);
      this.list.children[index].scrollIntoView({ block: "nearest" });
    }
  }
}
