/** The notes on functions of one profile, as the server has them: read once, then kept in line with what is changed here. */

import { callApi } from "./api.js";

/**
 * @typedef {object} Note  @property {string} id  @property {string} name  @property {string} module of the function
 * @property {string} text  @property {string} author  @property {string} created_at  @property {string|null} changed_at
 * @property {string|null} changed_by  @property {boolean} may_change
 */

const ofView = new WeakMap();

/** Whoever shows notes of a view shares them. @param {HTMLElement} view a <profile-view>  @returns {ProfileNotes|null} null: its profile has none, and takes none */
export function notesOf(view) {
  const path = view?.getAttribute("notes-path");
  if (!path) return null;
  if (ofView.get(view)?.path !== path) ofView.set(view, new ProfileNotes(view, path));
  return ofView.get(view);
}

/** Event `change`: other notes than before. */
export class ProfileNotes extends EventTarget {
  /** @type {Note[]} the oldest first */
  all = [];
  #reading = null;

  /** @param {HTMLElement} view  @param {string} path of the profile's notes below /api/v1/ */
  constructor(view, path) {
    super();
    Object.assign(this, { view, path });
  }

  /** Whether who looks may write some. */
  get writable() {
    return this.view.getAttribute("may-note") === "yes";
  }

  /** @param {{name: string, module: string}} frame  @returns {Note[]} */
  on({ name, module }) {
    return this.all.filter((note) => note.name === name && note.module === module);
  }

  /** @throws {import("./api.js").ApiError} and then the next call asks again */
  async read() {
    this.#reading ??= callApi("GET", this.path).then((all) => this.#tell(all));
    try {
      await this.#reading;
    } catch (error) {
      this.#reading = null;
      throw error;
    }
  }

  /** @param {{name: string, module: string}} frame  @param {string} text */
  async add({ name, module }, text) {
    const note = await callApi("POST", this.path, { name, module, text });
    this.#tell([...this.all, note]);
  }

  /** @param {Note} note  @param {string} text */
  async change({ id }, text) {
    const changed = await callApi("PUT", `notes/${id}`, { text });
    this.#tell(this.all.map((note) => (note.id === id ? changed : note)));
  }

  /** @param {Note} note */
  async remove({ id }) {
    await callApi("DELETE", `notes/${id}`);
    this.#tell(this.all.filter((note) => note.id !== id));
  }

  #tell(all) {
    this.all = all;
    this.view.setAttribute("notes-count", String(all.length));
    this.dispatchEvent(new Event("change"));
    this.view.dispatchEvent(new Event("noteschange"));
  }
}
