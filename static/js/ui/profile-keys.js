/** Keys that work anywhere on a profile's page: `/` for the search, `?` for the sheet of all keys. */

const TYPING = "input, textarea, select, [contenteditable]";

/** Whether a key is meant for the page: it is no shortcut of the browser's, and nobody types. @param {KeyboardEvent} event */
export function meantForPage({ ctrlKey, metaKey, altKey, target }) {
  return !(ctrlKey || metaKey || altKey || target.closest?.(TYPING) || target.closest?.("dialog"));
}

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
    if (!meantForPage(event)) return;
    const act = { "/": this.search, "?": () => this.showSheet() }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
