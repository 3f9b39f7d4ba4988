/** The menu of lanes that can be added: a box for each probe. */

import { KINDS, MAX_WATCHED } from "../core/lanes-state.js";
import { enhanceMenus } from "./menu.js";

export class LaneMenu {
  #place;

  /** @param {HTMLElement} place with the menu of the page  @param {(chosen: Object<string, string[]>) => void} choose names by kind */
  constructor(place, choose) {
    this.#place = place;
    enhanceMenus(place);
    place.addEventListener("change", () => choose(Object.fromEntries(KINDS.map((kind) => [kind, this.#boxes.filter((box) => box.checked && box.name === kind).map(({ value }) => value)]))));
  }

  get #boxes() {
    return [...this.#place.querySelectorAll("input[type=checkbox]")];
  }

  /** @param {import("../core/lanes-state.js").LanesState} state */
  show(state) {
    const boxes = this.#boxes;
    for (const box of boxes) box.checked = state[box.name].includes(box.value);
    const full = boxes.filter(({ checked }) => checked).length >= MAX_WATCHED;
    for (const box of boxes) box.disabled = full && !box.checked;
    this.#place.querySelector("#lane-limit").textContent = full ? `${MAX_WATCHED} lanes at most: an agent runs sixteen probes for all who watch` : "";
  }
}
