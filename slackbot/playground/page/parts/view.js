// The content of a modal or home tab, and the values of its inputs.

import { onView } from "./place.js";

const places = new Map();

/** The container of a view. Values survive updates, as long as their inputs do. */
export function placeOf(view) {
  if (!places.has(view.id)) places.set(view.id, onView(view, new Map()));
  const place = places.get(view.id);
  const fields = new Set(view.blocks.flatMap((block) => elementsOf(block).map((each) => `${block.block_id ?? ""}/${each.action_id ?? ""}`)));
  for (const key of place.inputs.keys()) if (!fields.has(key)) place.inputs.delete(key);
  return place;
}

export const forget = (id) => places.delete(id);

const elementsOf = (block) => [...(block.elements ?? []), block.accessory, block.element].filter(Boolean);

/** Validation errors by block id. */
export function complaints(view, inputs) {
  const found = {};
  for (const block of view.blocks) {
    if (block.type !== "input") continue;
    const state = inputs.get(`${block.block_id}/${block.element.action_id ?? ""}`) ?? {};
    const { type, ...chosen } = state;
    const value = Object.values(chosen)[0];
    const empty = value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
    if (empty && !block.optional) found[block.block_id] = "Please complete this required field.";
    else if (!empty && block.element.min_length > value.length) found[block.block_id] = `At least ${block.element.min_length} characters, please.`;
  }
  return found;
}
