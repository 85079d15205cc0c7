// Asks for confirmation: https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object

import { h } from "./dom.js";

/** Resolves to true if the person agrees. `asked` has title, text, confirm and deny as text objects. */
export function confirmed(asked) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "modal small", "aria-labelledby": "confirm-title" });
    const answer = (agreed) => () => dialog.close(agreed ? "yes" : "");
    dialog.append(
      h("h2", { id: "confirm-title", html: asked.title?.html ?? "Are you sure?" }),
      h("div", { class: "modal-body", html: asked.text?.html ?? "" }),
      h(
        "div",
        { class: "modal-footer" },
        h("button", { type: "button", class: "button", html: asked.deny?.html ?? "Cancel", on: { click: answer(false) } }),
        h("button", { type: "button", class: `button ${asked.style === "danger" ? "danger" : "primary"}`, html: asked.confirm?.html ?? "Yes", on: { click: answer(true) } }),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
