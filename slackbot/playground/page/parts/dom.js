// Creates and reuses elements. Only `sanitised` turns HTML into elements: it takes what the server
// has sanitised, and the page's policy allows no other code to do so.

const policy = globalThis.trustedTypes?.createPolicy("sanitised", { createHTML: (html) => html });

/** Creates an element with attributes, `on` listeners and children; skips null children. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") {
    for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  } else if (name === "dataset") {
    Object.assign(element.dataset, value);
  } else if (name === "html") {
    sanitised(element, value);
  } else if (["value", "checked", "selected", "disabled", "readOnly", "indeterminate"].includes(name)) {
    element[name] = value;
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

export function sanitised(element, html) {
  element.innerHTML = policy ? policy.createHTML(html) : html;
}

/**
 * Brings a parent's children to show `items`, each `{key, version, build(), update?(element)}`. What
 * has the version it had stays as it is, with its focus and what was typed into it.
 */
export function reconcile(parent, items) {
  const known = (parent.kept ??= new Map());
  const wanted = new Set(items.map((item) => item.key));
  let bereft = false;
  for (const [key, entry] of known) {
    if (!wanted.has(key)) {
      bereft ||= entry.element.contains(document.activeElement);
      entry.element.remove();
      known.delete(key);
    }
  }
  let place = null;
  for (const item of items) {
    let entry = known.get(item.key);
    if (!entry) {
      entry = { element: item.build(), version: item.version };
      known.set(item.key, entry);
    } else if (entry.version !== item.version) {
      entry.version = item.version;
      if (item.update) item.update(entry.element);
      else entry.element = replaced(entry.element, item.build());
    }
    const next = place ? place.nextSibling : parent.firstChild;
    if (entry.element !== next) parent.insertBefore(entry.element, next);
    place = entry.element;
  }
  if (bereft) parent.closest("[tabindex='0']")?.focus({ preventScroll: true });
}

/** Replaces an element, and moves the focus to the corresponding new one. */
function replaced(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const id = focused?.dataset?.focus;
  const range = focused && "selectionStart" in focused ? [focused.selectionStart, focused.selectionEnd] : null;
  old.replaceWith(fresh);
  if (focused) {
    const heir = (id && [fresh, ...fresh.querySelectorAll("[data-focus]")].find((each) => each.dataset.focus === id)) || null;
    (heir ?? (fresh.tabIndex >= 0 ? fresh : null))?.focus({ preventScroll: true });
    if (heir && range && range[0] !== null) heir.setSelectionRange?.(...range);
  }
  return fresh;
}

const SVG = "http://www.w3.org/2000/svg";

/** Creates an SVG element. */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const ICONS = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h16M3 15h16",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z",
  home: "M4 11 12 4l8 7M6 10v10h12V10",
  close: "M6 6l12 12M18 6 6 18",
  send: "M4 12 20 4l-5 16-3.5-6.5z",
  attach: "M8 12.5 14 6.5a3.5 3.5 0 0 1 5 5l-8.5 8.5a5 5 0 0 1-7-7L11 5.5",
  mic: "M12 4a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V7a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4",
  stop: "M7 7h10v10H7z",
  at: "M16 8v5.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.5 7.1M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0z",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.5v.5M15 9.5v.5",
  reply: "M5 5h14v10h-7l-4 4v-4H5z",
  edit: "M5 19h3L19 8l-3-3L5 16z",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  inspect: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 21 21",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2",
  moon: "M20 14A8.5 8.5 0 1 1 10 4a7 7 0 0 0 10 10z",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  chat: "M4 5h16v11h-8l-5 4v-4H4z",
  more: "M6 12h.01M12 12h.01M18 12h.01",
};

export function icon(name) {
  const drawing = s("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" });
  drawing.append(s("path", { d: ICONS[name] }));
  return drawing;
}
