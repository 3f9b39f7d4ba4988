/** `<note-list>`: all notes of a profile, each with its function. Event `pick` {name}: that function was chosen. */

import { printable } from "../core/labels.js";
import { element } from "./element.js";
import { showNotes, told } from "./note-item.js";
import { notesOf } from "./profile-notes.js";

export class NoteList extends HTMLElement {
  #notes = null;
  #list = element("ol", { class: "notes" });
  #status = element("p", { class: "dim", role: "status" });
  #error = element("p", { class: "note-error", role: "alert", hidden: true });

  connectedCallback() {
    if (!this.#list.isConnected) this.append(this.#status, this.#error, this.#list);
  }

  /** Read and show them. */
  async open() {
    const notes = notesOf(this.closest("profile-view"));
    if (notes !== this.#notes) notes.addEventListener("change", () => notes === this.#notes && this.#draw());
    this.#notes = notes;
    if (await told(this.#error, () => notes.read())) this.#draw();
  }

  /** @param {string} text of what was asked with a choice */
  say(text) {
    this.#status.textContent = text;
  }

  #draw() {
    const { all, writable } = this.#notes;
    this.say(all.length > 0 ? "" : writable ? "No notes yet. Select a function, open its Details, and add one." : "No notes yet.");
    showNotes(this.#list, all, this.#notes, (note) => this.#function(note));
  }

  #function({ name, module }) {
    const pick = () => this.dispatchEvent(new CustomEvent("pick", { detail: { name } }));
    const text = printable(name);
    const button = element("button", { type: "button", class: "link note-function", title: `Select ${text.slice(0, 1000)}`, onclick: pick }, element("bdi", {}, text));
    return element("p", { class: "note-about" }, button, module === "" ? null : element("bdi", { class: "dim" }, printable(module)));
  }
}

customElements.define("note-list", NoteList);
