/** `<frame-notes>`: what people wrote about one function of the profile, and a form for who may write. */

import { element } from "./element.js";
import { noteForm, showNotes, told } from "./note-item.js";
import { notesOf } from "./profile-notes.js";

export class FrameNotes extends HTMLElement {
  #frame = null;
  #notes = null;
  /** What was begun about other functions is there again with them. */
  #drafts = new Map();
  #list = element("ul", { class: "notes", "aria-label": "Notes on this function" });
  #error = element("p", { class: "note-error", role: "alert", hidden: true });
  #add = element("button", { type: "button", class: "link", onclick: () => this.#write("") }, "Add a note…");
  #form = null;

  connectedCallback() {
    if (!this.#list.isConnected) this.append(element("h3", {}, "Notes"), this.#list, this.#error, this.#add);
  }

  /** @param {{name: string, module: string}} frame */
  async show(frame) {
    const another = this.#frame === null || keyOf(frame) !== keyOf(this.#frame);
    this.#frame = frame;
    this.#follow(notesOf(this.closest("profile-view")));
    this.hidden = this.#notes === null;
    if (this.hidden) return;
    if (another) this.#begin();
    this.#draw();
    await told(this.#error, () => this.#notes.read());
  }

  #follow(notes) {
    if (notes === this.#notes) return;
    this.#notes = notes;
    notes?.addEventListener("change", () => notes === this.#notes && this.#draw());
  }

  #draw() {
    showNotes(this.#list, this.#notes.on(this.#frame), this.#notes);
    // Who only reads is not told of what is not there.
    this.hidden = this.#list.children.length === 0 && !this.#notes.writable;
    this.#add.hidden = !this.#notes.writable || this.#form !== null;
  }

  /** The form of the function that is shown now: open where a draft waits. */
  #begin() {
    this.#form?.remove();
    this.#form = null;
    const draft = this.#drafts.get(keyOf(this.#frame));
    if (draft !== undefined) this.#write(draft, false);
  }

  #write(text, focused = true) {
    const frame = this.#frame;
    const done = () => {
      this.#drafts.delete(keyOf(frame));
      if (keyOf(frame) !== keyOf(this.#frame)) return;
      this.#begin();
      this.#draw();
      this.#add.focus();
    };
    const save = async (words) => {
      await this.#notes.add(frame, words);
      done();
    };
    this.#form = noteForm("Save note", text, save, done);
    this.#form.addEventListener("input", ({ target }) => this.#drafts.set(keyOf(frame), target.value));
    this.append(this.#form);
    this.#add.hidden = true;
    if (focused) this.#form.querySelector("textarea").focus();
  }
}

function keyOf({ name, module }) {
  return JSON.stringify([name, module]);
}

customElements.define("frame-notes", FrameNotes);
