/** The `?` sheet: every key of the profile view, from the same table that acts on them. */

import { element } from "./element.js";
import { GRAPH_KEYS } from "./flame-keys.js";

const PAGE_KEYS = [
  { shown: "/", help: "search" },
  { shown: "Alt+Enter", help: "in the search: keep the term in its colour and type another one" },
  { shown: "p", help: "while it records: hold the picture still, or go on" },
  { shown: "?", help: "this list" },
];
const MOUSE = [
  { shown: "click", help: "zoom to a frame; a faded frame above zooms out to it" },
  { shown: "wheel", help: "zoom at the pointer; with Shift move sideways, with Alt scroll" },
  { shown: "drag", help: "move the picture; with two fingers zoom" },
  { shown: "heat map", help: "drag, or arrows and Space, select a part of the time; a press on a name, or r, its whole row; Shift adds one; Esc clears" },
];

/** @returns {HTMLDialogElement} closed; call `showModal` */
export function keysSheet() {
  const rows = [...PAGE_KEYS, ...GRAPH_KEYS.filter(({ shown }) => shown), ...MOUSE];
  const close = element("button", { type: "button", onclick: () => dialog.close() }, "Close");
  const dialog = element(
    "dialog",
    { class: "keys-sheet", "aria-label": "Keyboard and mouse" },
    element("h2", {}, "Keyboard and mouse"),
    element("dl", {}, ...rows.flatMap(({ shown, help }) => [element("dt", {}, element("kbd", {}, shown)), element("dd", {}, help)])),
    close,
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return dialog;
}
