// Choices: Block Kit's selects, radio buttons and checkboxes.

import { h } from "./dom.js";
import { named } from "./inputs.js";
import { lookUp } from "./lookup.js";
import * as world from "./world.js";

/** All options of an element, including those of its groups. */
export const optionsOf = (each) => each.options ?? (each.option_groups ?? []).flatMap((group) => group.options);
const same = (one, other) => JSON.stringify(one?.value) === JSON.stringify(other?.value);

export function staticSelect(field) {
  const { each } = field;
  const options = optionsOf(each);
  if (!field.state) field.choose({ selected_option: each.initial_option ?? null }, false);
  const chosen = options.findIndex((option) => same(option, field.state.selected_option));
  const item = (option) => h("option", { value: options.indexOf(option), selected: options.indexOf(option) === chosen }, option.text.text);
  const groups = each.option_groups?.map((group) => h("optgroup", { label: group.label.text }, group.options.map(item)));
  return select(field, groups ?? options.map(item), chosen, (index) => ({ selected_option: options[index] ?? null }));
}

/** The browser's own select; -1 means no choice. */
function select(field, items, chosen, meaning) {
  return h(
    "select",
    { ...named(field), class: "select", on: { change: (event) => field.choose(meaning(Number(event.currentTarget.value))) } },
    h("option", { value: -1, selected: chosen < 0 }, field.each.placeholder?.text ?? "Choose…"),
    items,
  );
}

/** A select of people or channels, whose values are ids. */
export function idSelect(things, part, initial) {
  return (field) => {
    if (!field.state) field.choose({ [part]: field.each[initial] ?? null }, false);
    const known = things();
    const chosen = known.findIndex((thing) => thing.id === field.state[part]);
    const items = known.map((thing, index) => h("option", { value: index, selected: index === chosen }, thing.label));
    return select(field, items, chosen, (index) => ({ [part]: known[index]?.id ?? null }));
  };
}

export const people = () => world.people().map((each) => ({ id: each.id, label: each.real_name }));
export const channels = () =>
  world.all("channel").filter((each) => each.kind === "channel" || each.kind === "group").map((each) => ({ id: each.id, label: `#${each.name}` }));
export const conversations = () => [...channels(), ...people()];

/** Checkboxes, also for selects with several choices. */
function boxes(field, choices, meaning, kind = "checkbox") {
  const name = `choice-${crypto.randomUUID()}`;
  const list = h("div", { class: `choices ${kind}`, role: kind === "radio" ? "radiogroup" : "group", ...named(field) });
  for (const [index, choice] of choices.entries()) {
    const box = h("input", {
      type: kind,
      name,
      checked: choice.chosen,
      "data-focus": `${field.focus}/${index}`,
      on: {
        change: () => {
          const inputs = [...list.querySelectorAll("input")];
          field.choose(meaning(choices.filter((_, number) => inputs[number].checked)));
        },
      },
    });
    const words = h("span", {}, choice.html ? h("span", { html: choice.html }) : h("span", {}, choice.label), choice.description ? h("span", { class: "description", html: choice.description }) : null);
    list.append(h("label", { class: "choice" }, box, words));
  }
  return list;
}

const choicesOf = (options, chosen) =>
  options.map((option) => ({ option, html: option.text.html, description: option.description?.html, chosen: chosen.some((each) => same(each, option)) }));

export function several(part, initial) {
  return (field) => {
    if (!field.state) field.choose({ [part]: field.each[initial] ?? [] }, false);
    return boxes(field, choicesOf(optionsOf(field.each), field.state[part]), (found) => ({ [part]: found.map((each) => each.option) }));
  };
}

export function radio(field) {
  if (!field.state) field.choose({ selected_option: field.each.initial_option ?? null }, false);
  const chosen = field.state.selected_option ? [field.state.selected_option] : [];
  return boxes(field, choicesOf(optionsOf(field.each), chosen), (found) => ({ selected_option: found[0]?.option ?? null }), "radio");
}

export function severalIds(things, part, initial) {
  return (field) => {
    if (!field.state) field.choose({ [part]: field.each[initial] ?? [] }, false);
    const choices = things().map((thing) => ({ id: thing.id, label: thing.label, chosen: field.state[part].includes(thing.id) }));
    return boxes(field, choices, (found) => ({ [part]: found.map((each) => each.id) }));
  };
}

export function external(field) {
  if (!field.state) field.choose({ selected_option: field.each.initial_option ?? null }, false);
  return lookUp(field, field.state.selected_option?.text.text ?? "", (option) => field.choose({ selected_option: option }));
}

export function multiExternal(field) {
  if (!field.state) field.choose({ selected_options: field.each.initial_options ?? [] }, false);
  const chips = h("span", { class: "chips" });
  const show = () => chips.replaceChildren(...field.state.selected_options.map(chip));
  const chip = (option) =>
    h("button", { type: "button", class: "chip", "aria-label": `Remove ${option.text.text}`, on: { click: () => keep(field.state.selected_options.filter((each) => !same(each, option))) } }, option.text.text, " ×");
  const keep = (options) => {
    field.choose({ selected_options: options });
    show();
  };
  show();
  const search = lookUp(field, "", (option, input) => {
    input.value = "";
    keep([...field.state.selected_options.filter((each) => !same(each, option)), option]);
  });
  return h("div", {}, chips, search);
}
