// Block Kit's elements as the browser's own controls.
// https://docs.slack.dev/reference/block-kit/block-elements

import { channels, conversations, external, idSelect, multiExternal, optionsOf, people, radio, several, severalIds, staticSelect } from "./choices.js";
import { confirmed } from "./confirm.js";
import { h, icon } from "./dom.js";
import { date, fileInput, textInput } from "./inputs.js";

/**
 * An element of a block. `place` says where it stands: `act(block, element, chosen)` tells the app,
 * `suggest(block, element, query)` asks it for options, `inputs` holds what was filled in.
 * `dispatches`: send every change to the app at once. `label` names it for a screen reader.
 */
export function element(block, each, place, { dispatches = true, label = "" } = {}) {
  const make = KINDS[each.type];
  if (!make) return h("span", { class: "unsupported" }, `(${each.type})`);
  const key = `${block.block_id ?? ""}/${each.action_id ?? ""}`;
  const field = {
    block,
    each,
    place,
    key,
    label,
    focus: key,
    get state() {
      return place.inputs.get(key);
    },
    /** Stores the choice, and sends it to the app if the element dispatches. */
    choose(chosen, tell = dispatches) {
      place.inputs.set(key, { type: each.type, ...chosen });
      if (tell) run(field, chosen);
    },
  };
  return make(field);
}

async function run(field, chosen) {
  const { block, each, place } = field;
  if (each.confirm && !(await confirmed(each.confirm))) return;
  await place.act(block, each, chosen);
}

function button(field) {
  const { each } = field;
  const style = each.style ? ` ${each.style}` : "";
  return h("button", {
    type: "button",
    class: `button${style}`,
    html: each.text.html,
    "aria-label": each.accessibility_label ?? null,
    "data-focus": field.focus,
    on: {
      click: async (event) => {
        const pressed = event.currentTarget;
        if (/^https?:\/\//i.test(each.url ?? "")) window.open(each.url, "_blank", "noopener,noreferrer");
        if (pressed.ariaBusy === "true") return; // and not disabled: that would take the focus away
        pressed.ariaBusy = "true";
        await run(field, { ...(each.value === undefined ? {} : { value: each.value }), text: each.text });
        pressed.ariaBusy = "false";
      },
    },
  });
}

function feedback(field) {
  const { each, block, place } = field;
  const one = (choice) =>
    h("button", {
      type: "button",
      class: "icon-button feedback",
      html: choice.text.html,
      "aria-label": choice.accessibility_label ?? choice.text.text,
      "data-focus": `${field.focus}/${choice.value}`,
      on: {
        click: (event) => {
          for (const other of event.currentTarget.parentNode.children) other.removeAttribute("aria-pressed");
          event.currentTarget.setAttribute("aria-pressed", "true");
          place.act(block, each, { value: choice.value, text: choice.text });
        },
      },
    });
  return h("span", { class: "feedbacks", role: "group", "aria-label": "Feedback" }, one(each.positive_button), one(each.negative_button));
}

function iconButton(field) {
  const { each } = field;
  const pressed = h("button", { type: "button", class: "icon-button", "aria-label": each.accessibility_label ?? each.text.text, "data-focus": field.focus, on: { click: () => run(field, each.value === undefined ? {} : { value: each.value }) } });
  pressed.append(icon(each.icon));
  return pressed;
}

function overflow(field) {
  const menu = h("details", { class: "overflow" }, h("summary", { "aria-label": field.label || "More", "data-focus": field.focus }, icon("more")));
  const items = optionsOf(field.each).map((option) =>
    h("button", { type: "button", html: option.text.html, on: { click: () => { menu.open = false; run(field, { selected_option: option }); } } }),
  );
  menu.append(h("div", { class: "menu" }, items));
  return menu;
}

const KINDS = {
  button,
  feedback_buttons: feedback,
  icon_button: iconButton,
  plain_text_input: textInput("text"),
  email_text_input: textInput("email"),
  url_text_input: textInput("url"),
  number_input: textInput("number"),
  datepicker: date("date", "selected_date", "initial_date"),
  timepicker: date("time", "selected_time", "initial_time"),
  static_select: staticSelect,
  external_select: external,
  users_select: idSelect(people, "selected_user", "initial_user"),
  channels_select: idSelect(channels, "selected_channel", "initial_channel"),
  conversations_select: idSelect(conversations, "selected_conversation", "initial_conversation"),
  multi_static_select: several("selected_options", "initial_options"),
  multi_external_select: multiExternal,
  multi_users_select: severalIds(people, "selected_users", "initial_users"),
  multi_channels_select: severalIds(channels, "selected_channels", "initial_channels"),
  multi_conversations_select: severalIds(conversations, "selected_conversations", "initial_conversations"),
  radio_buttons: radio,
  checkboxes: several("selected_options", "initial_options"),
  file_input: fileInput,
  overflow,
};
