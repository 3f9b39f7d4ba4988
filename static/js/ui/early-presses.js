/**
 * Keys and clicks that are meant for modules which are still on their way: kept, and done again when these are here. The
 * graph answers its own from its first picture on.
 */

/** What links and opened menus do, browsers do alone. */
const PRESSED = "button, a[download]";
const TYPING = "input, textarea, select, [contenteditable]";

export class EarlyPresses {
  #kept = [];
  #keep = (event) => this.#take(event);

  /** @param {HTMLElement} graph answers for itself */
  constructor(graph) {
    this.graph = graph;
    for (const name of ["click", "keydown"]) addEventListener(name, this.#keep, { capture: true });
  }

  /** From now on others answer: first what was kept, in its order. */
  release() {
    for (const name of ["click", "keydown"]) removeEventListener(name, this.#keep, { capture: true });
    for (const again of this.#kept.splice(0)) again();
  }

  #take(event) {
    const again = event.type === "click" ? this.#click(event) : this.#key(event);
    if (!again) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#kept.push(again);
  }

  #click({ target }) {
    const pressed = target.closest(PRESSED);
    return pressed && !this.graph.contains(target) && (() => pressed.click());
  }

  /** The search, the sheet of keys or the palette; what follows is typed into it. */
  #key({ key, ctrlKey, metaKey, altKey, target }) {
    if (target.closest(TYPING) || altKey) return null;
    const opens = ctrlKey || metaKey ? key.toLowerCase() === "k" : key === "/" || key === "?";
    const follows = this.#kept.length > 0 && !ctrlKey && !metaKey && key.length === 1;
    return opens || follows ? () => press({ key, ctrlKey, metaKey }) : null;
  }
}

/** A key for whoever has the focus; a field gets its letter. */
function press(key) {
  const field = document.activeElement ?? document.body;
  const unused = field.dispatchEvent(new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true }));
  if (!unused || !field.matches("input") || key.key.length > 1 || key.ctrlKey || key.metaKey) return;
  field.value += key.key;
  field.dispatchEvent(new InputEvent("input", { bubbles: true, data: key.key }));
}
