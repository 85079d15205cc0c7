// Block Kit's external selects: the app sends the options for the typed text.

import { h } from "./dom.js";
import { Listbox } from "./listbox.js";

const PAUSE = 150;

export function lookUp(field, shown, choose) {
  const { block, each, place } = field;
  const input = h("input", { class: "text-input", autocomplete: "off", value: shown, placeholder: each.placeholder?.text ?? "Type to search", "aria-label": field.label || "Search", "data-focus": field.focus });
  const list = new Listbox(
    input,
    (item) => {
      shown = input.value = item.label;
      list.close();
      choose(item.option, input);
    },
    "Options",
  );
  let due = 0;
  const search = async () => {
    const query = asked();
    const answer = await place.suggest(block, each, query);
    if (query !== asked() || document.activeElement !== input) return;
    const options = answer?.options ?? (answer?.option_groups ?? []).flatMap((group) => group.options);
    list.show(options.map((option) => ({ label: option.text.text, option })));
  };
  /** Returns the typed text, unless it is the current choice. */
  const asked = () => (input.value === shown ? "" : input.value);
  const soon = () => {
    clearTimeout(due);
    if (asked().length >= (each.min_query_length ?? 3)) due = setTimeout(search, PAUSE);
    else list.close();
  };
  input.addEventListener("input", soon);
  input.addEventListener("focus", () => {
    input.select();
    soon();
  });
  input.addEventListener("keydown", (event) => list.takes(event));
  return h("div", { class: "lookup" }, input, list.list);
}
