/** What can be done with the selected function: the buttons below the graph. */

import { printable } from "../core/labels.js";
import { onFunction } from "../core/presets.js";
import { formatTrail, parseTrail } from "../core/trail.js";
import { element } from "./element.js";

const VERBS = [
  ["Focus", "Only what lies below this function", "focus"],
  ["Hide", "Give this function's own value to its callers", "hide"],
  ["Drop", "Leave out all stacks through this function", "drop"],
];

export class FrameActions {
  element = element("div", { class: "frame-actions", role: "group", "aria-label": "The selected function" });
  /** Opens the card, which is elsewhere. */
  details;
  #more = element("select", { "aria-label": "More about the selected function", onchange: () => this.#takeMore() });
  #target = "";

  /** @param {{sandwich: () => void, take: (steps: string[]) => void, details: () => void}} tell */
  constructor({ sandwich, take, details }) {
    this.take = take;
    const button = (text, title, onclick) => element("button", { type: "button", title, onclick }, text);
    this.details = button("Details", "Where it ran, notes, copies, its source in an editor", details);
    this.details.setAttribute("aria-expanded", "false");
    const verbs = VERBS.map(([text, title, verb]) => button(text, title, () => take([verb + this.#target])));
    this.element.append(button("Sandwich", "Callers and callees of this function", sandwich), ...verbs, this.#more, this.details);
  }

  /** @param {string} target core/targets.js; "" for none  @param {string[]} place its module, and the path of the selected frame */
  show(target, place) {
    this.#target = target;
    for (const control of this.element.children) control.disabled = target === "";
    const offers = target === "" ? [] : onFunction(target, ...place);
    this.#more.replaceChildren(element("option", { value: "" }, "More…"), ...offers.map(([steps, text]) => element("option", { value: formatTrail(steps) }, printable(text))));
  }

  #takeMore() {
    if (this.#more.value !== "") this.take(parseTrail(this.#more.value));
  }
}
