/** Keys that work anywhere on a profile's page: `/` for the search, `?` for the sheet of all keys. */

const TYPING = "input, textarea, select, [contenteditable]";

export class ProfileKeys {
  #sheet = null;
  #onKey = (event) => this.#key(event);

  /** @param {HTMLElement} host takes the sheet  @param {() => void} search */
  constructor(host, search) {
    Object.assign(this, { host, search });
  }

  start() {
    document.addEventListener("keydown", this.#onKey);
  }

  stop() {
    document.removeEventListener("keydown", this.#onKey);
  }

  async showSheet() {
    const { keysSheet } = await import("./keys-sheet.js");
    if (this.#sheet === null) this.host.append((this.#sheet = keysSheet()));
    this.#sheet.showModal();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING) || this.#sheet?.open) return;
    const act = { "/": this.search, "?": () => this.showSheet() }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
