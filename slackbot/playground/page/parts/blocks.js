// Block Kit's blocks: https://docs.slack.dev/reference/block-kit/blocks

import { h, reconcile } from "./dom.js";
import { element } from "./elements.js";
import { session } from "./session.js";

/** Shows blocks in a container; unchanged ones keep their elements. */
export function showBlocks(container, blocks, place) {
  const seen = new Map();
  reconcile(
    container,
    blocks.map((block, index) => {
      const name = block.block_id ?? `${index}:${block.type}`;
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      const error = place.errors?.[block.block_id] ?? "";
      return { key: `${name}#${count}`, version: JSON.stringify([block, error, (block.html ?? block.text?.html ?? "").includes("data-user") && session.me]), build: () => build(block, place, error) };
    }),
  );
}

function build(block, place, error) {
  const shown = (KINDS[block.type] ?? unknown)(block, place, error);
  for (const mention of shown.querySelectorAll?.(`[data-user="${CSS.escape(session.me ?? "")}"]`) ?? []) mention.classList.add("me");
  return shown;
}

const text = (part, tag = "div", attributes = {}) => h(tag, { ...attributes, html: part.html ?? "" });

const KINDS = {
  markdown: (block) => text(block, "div", { class: "block prose" }),
  rich_text: (block) => text(block, "div", { class: "block prose" }),
  header: (block) => text(block.text, "h3", { class: "block header-block" }),
  divider: () => h("hr", { class: "block" }),
  section(block, place) {
    const fields = block.fields?.length ? h("div", { class: "fields" }, block.fields.map((field) => text(field, "div", { class: "prose" }))) : null;
    const words = h("div", { class: "section-text" }, block.text ? text(block.text, "div", { class: "prose" }) : null, fields);
    const accessory = block.accessory ? h("div", { class: "accessory" }, part(block, block.accessory, place, block.text?.text ?? "")) : null;
    return h("div", { class: "block section" }, words, accessory);
  },
  context: (block, place) => h("div", { class: "block context" }, block.elements.map((each) => (each.type === "image" ? image(each) : text(each, "span", { class: "prose" })))),
  actions: (block, place) => h("div", { class: "block actions" }, block.elements.map((each) => element(block, each, place))),
  context_actions: (block, place) => h("div", { class: "block actions context-actions" }, block.elements.map((each) => element(block, each, place))),
  image: (block) => h("figure", { class: "block image" }, block.title ? text(block.title, "figcaption") : null, image(block)),
  file: (block) => h("div", { class: "block context" }, `File ${block.external_id ?? ""}`),
  input(block, place, error) {
    const id = `input-${block.block_id ?? ""}`;
    const field = element(block, block.element, place, { dispatches: block.dispatch_action === true, label: block.label.text });
    const control = field.matches("input,textarea,select") ? field : field.querySelector("input,textarea,select");
    const hint = block.hint ? text(block.hint, "div", { class: "hint", id: `${id}-hint` }) : null;
    const wrong = error ? h("div", { class: "error", id: `${id}-error`, role: "alert" }, error) : null;
    if (wrong) control?.setAttribute("aria-invalid", "true");
    const about = [hint?.id, wrong?.id].filter(Boolean).join(" ");
    if (about) control?.setAttribute("aria-describedby", about);
    const label = h("div", { class: "label" }, text(block.label, "span"), block.optional ? h("span", { class: "optional" }, " (optional)") : null);
    label.addEventListener("click", () => control?.focus());
    return h("div", { class: `block input-block ${error ? "wrong" : ""}` }, label, field, wrong, hint);
  },
};

const unknown = (block) => h("div", { class: "block unsupported" }, `(${block.type})`);

const part = (block, each, place, label) => (each.type === "image" ? image(each) : element(block, each, place, { label }));

/** Images of other hosts are links: the page loads only its own files. */
function image(each) {
  if (each.slack_file?.id) return h("img", { src: `file/${encodeURIComponent(each.slack_file.id)}`, alt: each.alt_text ?? "" });
  return h("a", { class: "picture-link", href: safeUrl(each.image_url), target: "_blank", rel: "noopener noreferrer nofollow" }, `🖼 ${each.alt_text || "picture"}`);
}

function safeUrl(url) {
  return /^https?:\/\//i.test(url ?? "") ? url : null;
}
