// The composer: Enter sends, Shift+Enter breaks the line, @ # and / complete.

import { completions } from "./completion.js";
import { h, icon } from "./dom.js";
import { Listbox } from "./listbox.js";
import { ask, toast, upload } from "./server.js";
import { change, session } from "./session.js";
import { bytes } from "./text.js";
import { recorder } from "./voice.js";
import * as world from "./world.js";

const drafts = new Map();

/** The unsent drafts by channel and thread. */
function draftOf(key) {
  if (!drafts.has(key)) drafts.set(key, { text: "", files: [] });
  return drafts.get(key);
}

/** The message that is being edited, and its column. */
export const editKey = (message, inThread) => `${inThread ? "thread" : "channel"}/${message.channel}/${message.ts}`;

/** A composer for a channel or a thread; calls `saying()` just before it sends. */
export function composer({ channel, thread, label, saying = () => {} }) {
  const draft = draftOf(`${session.me}/${channel}/${thread ?? ""}`);
  const attached = draft.files;
  const tray = h("div", { class: "tray", role: "list", "aria-label": "Attached files" });
  const input = h("textarea", { class: "typed", rows: 1, placeholder: label, "aria-label": label, "data-focus": `composer/${thread ? "thread" : "channel"}`, value: draft.text });
  const list = complete(input, Boolean(thread));
  const send = async () => {
    const text = input.value.trim();
    if (!text && !attached.length) return;
    const files = attached.splice(0);
    input.value = draft.text = "";
    fit(input);
    show();
    list.close();
    const ids = [];
    for (const file of files) ids.push(await upload(file.content, file.name, file.clip));
    const command = text.startsWith("/") && !text.startsWith("/me ") && !files.length;
    if (!command) saying();
    const said = { channel, text, thread: thread ?? "" };
    const done = ids.includes(null) ? null : command ? await ask("command", said) : await ask("say", { ...said, files: { ids } });
    if (done !== null) return;
    if (!input.value) input.value = draft.text = text; // nothing that was typed or attached gets lost
    attached.unshift(...files);
    fit(input);
    show();
  };
  const attach = (content, name, clip = false) => {
    attached.push({ content, name, clip });
    show();
  };
  const show = () => {
    tray.replaceChildren(
      ...attached.map((file, index) =>
        h("span", { class: "chip", role: "listitem" }, icon(file.clip ? "mic" : "file"), `${file.name} (${bytes(file.content.size)})`, h("button", { type: "button", "aria-label": `Remove ${file.name}`, on: { click: () => { attached.splice(index, 1); show(); input.focus(); } } }, "×")),
      ),
    );
    go.disabled = !input.value.trim() && !attached.length;
  };
  const picker = h("input", { type: "file", multiple: true, hidden: true, on: { change: () => { for (const file of picker.files) attach(file, file.name); picker.value = ""; input.focus(); } } });
  const tool = (name, title, action) => {
    const pressed = h("button", { type: "button", class: "tool", "aria-label": title, title, on: { click: action } });
    pressed.append(icon(name));
    return pressed;
  };
  const go = tool("send", "Send", send);
  go.classList.add("send");
  input.addEventListener("input", () => {
    draft.text = input.value;
    fit(input);
    show();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && !input.value) {
      const mine = (thread ? world.thread(channel, thread) : world.roots(channel)).filter((each) => each.user === session.me && !each.deleted);
      if (mine.length) {
        event.preventDefault();
        change({ editing: editKey(mine.at(-1), Boolean(thread)) });
      }
    }
  });
  input.addEventListener("paste", (event) => {
    for (const file of event.clipboardData.files) attach(file, file.name);
  });
  const box = h(
    "div",
    {
      class: "composer",
      on: {
        dragover: (event) => event.preventDefault(),
        drop: (event) => {
          event.preventDefault();
          for (const file of event.dataTransfer.files) attach(file, file.name);
        },
      },
    },
    h("div", { class: "typing" }, list.list, input),
    tray,
    h(
      "div",
      { class: "composer-tools" },
      tool("attach", "Attach a file", () => picker.click()),
      recorder((clip, name) => attach(clip, name, true), toast),
      tool("at", "Mention someone", () => insert(input, "@")),
      picker,
      h("span", { class: "hint" }, h("kbd", {}, "Enter"), " sends, ", h("kbd", {}, "Shift"), "+", h("kbd", {}, "Enter"), " breaks the line"),
      go,
    ),
  );
  requestAnimationFrame(() => fit(input));
  show();
  return box;
}

/** The editor that replaces a message. */
export function editor(message) {
  const input = h("textarea", { class: "typed", rows: 1, "aria-label": "Edit the message", value: message.typed ?? message.text });
  const list = complete(input, false);
  const close = () => {
    change({ editing: null });
    document.querySelector(`[data-focus="message/${CSS.escape(message.ts)}"]`)?.focus();
  };
  const save = async () => {
    const text = input.value.trim();
    if (!text) return;
    close();
    if (text !== message.typed) await ask("edit", { channel: message.channel, ts: message.ts, text });
  };
  input.addEventListener("input", () => fit(input));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Enter" && !event.shiftKey) save();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const box = h(
    "div",
    { class: "composer editor" },
    h("div", { class: "typing" }, list.list, input),
    h("div", { class: "composer-tools" }, h("button", { type: "button", class: "button", on: { click: close } }, "Cancel"), h("button", { type: "button", class: "button primary", on: { click: save } }, "Save")),
  );
  requestAnimationFrame(() => {
    fit(input);
    input.focus();
    input.setSelectionRange(input.value.length, input.value.length);
  });
  return box;
}

/** Completes what stands in the focused input again, if there is something new to complete. */
let lookAgain = null;
world.whenChanged(() => lookAgain?.());

const labels = (found) => found?.items.map((each) => each.label).join("\n") ?? "";

/** Adds completion to an input. */
function complete(input, inThread) {
  let found = null;
  const list = new Listbox(
    input,
    (item) => {
      const caret = input.selectionStart;
      input.setRangeText(item.insert, found.start, caret, "end");
      list.close();
      input.dispatchEvent(new Event("input"));
    },
    "Completions",
  );
  const look = () => {
    found = completions(input.value, input.selectionStart, inThread);
    list.show(found?.items ?? []);
  };
  input.addEventListener("input", look);
  input.addEventListener("focus", () => (lookAgain = () => labels(completions(input.value, input.selectionStart, inThread)) !== labels(found) && look()));
  input.addEventListener("blur", () => (lookAgain = null));
  input.addEventListener("keydown", (event) => !event.isComposing && list.takes(event));
  input.addEventListener("click", look);
  return list;
}

function insert(input, text) {
  const before = input.value.slice(0, input.selectionStart);
  input.setRangeText(before && !/\s$/.test(before) ? ` ${text}` : text, input.selectionStart, input.selectionEnd, "end");
  input.focus();
  input.dispatchEvent(new Event("input"));
}

function fit(input) {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight + 2, 260)}px`;
}
