// Block Kit's inputs for text, numbers, dates, times and files.

import { h } from "./dom.js";
import { upload } from "./server.js";

/** Names a control, so that it is found again after a redraw. */
export const named = (field) => ({ "aria-label": field.label || field.each.accessibility_label || field.each.placeholder?.text || null, "data-focus": field.focus });

export function textInput(kind) {
  return (field) => {
    const { each } = field;
    if (!field.state) field.choose({ value: each.initial_value ?? null }, false);
    const common = {
      ...named(field),
      class: "text-input",
      placeholder: each.placeholder?.text ?? null,
      value: field.state.value ?? "",
      maxlength: each.max_length ?? (kind === "text" ? 3000 : null),
      minlength: each.min_length ?? null,
      on: {
        input: (event) => field.choose({ value: event.currentTarget.value || null }, dispatchesOn(each, "on_character_entered")),
        keydown: (event) => {
          const enter = event.key === "Enter" && !event.shiftKey && (!each.multiline || event.ctrlKey || event.metaKey);
          if (enter && dispatchesOn(each, "on_enter_pressed")) {
            event.preventDefault();
            field.choose({ value: event.currentTarget.value || null }, true);
          }
        },
      },
    };
    if (each.multiline) return h("textarea", { ...common, rows: 6 });
    const types = { email: "email", url: "url", number: "text" };
    return h("input", { ...common, type: types[kind] ?? "text", inputmode: kind === "number" ? "decimal" : null });
  };
}

const dispatchesOn = (each, event) => (each.dispatch_action_config?.trigger_actions_on ?? []).includes(event);

export function date(type, part, initial) {
  return (field) => {
    if (!field.state) field.choose({ [part]: field.each[initial] ?? null }, false);
    return h("input", { ...named(field), class: "text-input", type, value: field.state[part] ?? "", on: { change: (event) => field.choose({ [part]: event.currentTarget.value || null }) } });
  };
}

export function fileInput(field) {
  const { each } = field;
  if (!field.state) field.choose({ files: [] }, false);
  const accept = each.filetypes?.map((type) => `.${type}`).join(",") ?? null;
  const input = h("input", { ...named(field), type: "file", class: "text-input", multiple: (each.max_files ?? 10) > 1, accept });
  input.addEventListener("change", async () => {
    const chosen = [...input.files].slice(0, each.max_files ?? 10);
    const ids = await Promise.all(chosen.map((file) => upload(file, file.name)));
    field.choose({ files: ids.filter(Boolean) });
  });
  return input;
}
