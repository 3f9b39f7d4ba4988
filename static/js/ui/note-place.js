/** The place of the list of notes, below the bar whose button opens it. */

import { printable } from "../core/labels.js";
import { element } from "./element.js";
import "./note-list.js";

export class NotePlace {
  #list = element("note-list", { hidden: true });

  /** @param {HTMLElement} bar a <transform-bar>  @param {(name: string) => Promise<boolean>} pick selects a function, if it is there */
  constructor(bar, pick) {
    this.bar = bar;
    bar.after(this.#list);
    this.#list.addEventListener("pick", async ({ detail: { name } }) => {
      this.#list.say((await pick(name)) ? "" : `${printable(name).slice(0, 100)} is not in what is shown: other steps or another grouping may have it.`);
    });
  }

  toggle() {
    this.#list.hidden = !this.#list.hidden;
    this.bar.notesOpen = !this.#list.hidden;
    if (!this.#list.hidden) this.#list.open();
  }
}
