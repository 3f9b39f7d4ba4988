/**
 * `<selector-box data-label="…">`: a selector with suggestions, as a combobox that is driven by keys.
 *
 * Properties: `value`, `suggest` (async (place) → [{choice, note}], place of core/selector.js), `recent` (texts).
 * Event `choose` {selector} when Enter or the button asks for it.
 */

import { OPERATORS, insert, placeAt } from "../core/selector.js";
import { element } from "./element.js";

const PAUSE_MS = 60;
const EXAMPLE = 'service="web", host=~"db-.*"';
let made = 0;

export class SelectorBox extends HTMLElement {
  suggest = async () => [];
  recent = [];
  #input;
  #list;
  #hint = element("p", { class: "selector-hint dim" });
  #popup;
  #error;
  #options = [];
  #active = -1;
  #place = null;
  #text = "";
  #asked = 0;
  #timer = 0;

  connectedCallback() {
    if (this.#input) return;
    const id = `selector-${++made}`;
    this.#list = element("ul", { id: `${id}-list`, role: "listbox", "aria-label": "Suggestions" });
    this.#popup = element("div", { class: "selector-popup", hidden: true }, this.#hint, this.#list);
    this.#error = element("div", { id: `${id}-error`, class: "selector-error", role: "alert", hidden: true });
    this.#input = element("input", {
      role: "combobox",
      type: "text",
      spellcheck: false,
      autocomplete: "off",
      placeholder: EXAMPLE,
      "aria-label": this.dataset.label ?? "Selector",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.#list.id,
      "aria-describedby": this.#error.id,
      oninput: () => this.#ask(),
      onfocus: () => this.#ask(),
      onclick: () => this.#ask(),
      onblur: () => this.#close(),
      onkeydown: (event) => this.#key(event),
    });
    // Pressing on a suggestion must not take the focus away from the field.
    this.#popup.addEventListener("pointerdown", (event) => event.preventDefault());
    const go = element("button", { type: "button", class: "primary", onclick: () => this.#choose() }, "Show");
    this.append(element("div", { class: "selector-row" }, this.#input, go), this.#popup, this.#error);
  }

  get value() {
    return this.#input.value;
  }
  set value(text) {
    if (this.#input.value !== text) this.#input.value = text;
  }

  /** @param {string} message "" for none  @param {number|null} [position] of the character, from 0 */
  showError(message, position = null) {
    this.#error.hidden = message === "";
    this.#input.setAttribute("aria-invalid", String(message !== ""));
    const text = this.#input.value;
    const at = Math.min(position ?? 0, text.length);
    const pointed = element("code", {}, text.slice(0, at), element("mark", {}, text.slice(at, at + 1) || " "), text.slice(at + 1));
    this.#error.replaceChildren(...(position === null ? [] : [pointed]), element("p", {}, message));
  }

  #key(event) {
    const open = !this.#popup.hidden;
    const act = {
      ArrowDown: () => (open ? this.#move(1) : this.#ask()),
      ArrowUp: () => open && this.#move(-1),
      Enter: () => (open && this.#active >= 0 ? this.#take(this.#active) : this.#choose()),
      Tab: () => open && this.#active >= 0 && this.#take(this.#active),
      Escape: () => (open ? this.#close() : this.showError("")),
    }[event.key];
    if (!act || event.isComposing) return;
    if (event.key === "Tab" && !(open && this.#active >= 0)) return;
    event.preventDefault();
    act();
  }

  #choose() {
    this.#close();
    this.dispatchEvent(new CustomEvent("choose", { detail: { selector: this.#input.value.trim() } }));
  }

  /** Ask once typing pauses; what was asked before is not shown any more. */
  #ask() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(++this.#asked), PAUSE_MS);
  }

  async #show(asked) {
    const place = placeAt(this.#input.value, this.#input.selectionStart ?? this.#input.value.length);
    const found = await this.#found(place);
    if (asked !== this.#asked || document.activeElement !== this.#input) return;
    const chosen = this.#options[this.#active];
    this.#place = place;
    this.#text = this.#input.value;
    this.#options = found;
    this.#active = -1;
    this.#hint.textContent = hint(place, found);
    this.#list.replaceChildren(...found.map((option, i) => this.#option(option, i)));
    this.#open(true);
    if (chosen) this.#activate(found.findIndex((option) => option.choice === chosen.choice && option.whole === chosen.whole));
  }

  async #found(place) {
    if (place.expects === "operator") return OPERATORS.filter(([sign]) => sign.startsWith(place.typed)).map(([choice, note]) => ({ choice, note }));
    if (place.expects === "comma") return [{ choice: "", label: ", and another condition", note: "" }];
    if (place.expects === "name") return this.#names(place);
    return this.suggest(place);
  }

  /** Labels; behind one that is written out, the comparisons too. */
  async #names(place) {
    const found = await this.suggest(place);
    const whole = found.some(({ choice }) => choice === place.typed);
    const after = { ...place, expects: "operator", label: place.typed, typed: "", from: place.to };
    const operators = whole ? OPERATORS.map(([choice, note]) => ({ choice, note, place: after })) : [];
    const recent = this.#input.value === "" ? this.recent.map((text) => ({ whole: text, label: text, note: "recent" })) : [];
    return [...recent, ...operators, ...found.filter(({ choice }) => choice !== place.typed)];
  }

  #option(option, i) {
    const text = element("span", { class: "choice" }, option.label ?? option.choice);
    return element("li", { id: `${this.#list.id}-${i}`, role: "option", "aria-selected": "false", onclick: () => this.#take(i) }, text, element("span", { class: "dim" }, option.note));
  }

  #move(step) {
    const count = this.#options.length;
    if (count > 0) this.#activate((this.#active + step + count) % count);
  }

  #activate(i) {
    this.#active = i;
    if (i < 0) return;
    [...this.#list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === this.#active)));
    const item = this.#list.children[this.#active];
    item.scrollIntoView({ block: "nearest" });
    this.#input.setAttribute("aria-activedescendant", item.id);
  }

  #take(i) {
    const { whole, choice, place: own = this.#place } = this.#options[i];
    // Suggestions may be of before the last key: what is typed by now is replaced all the same.
    const place = this.#input.value === this.#text ? own : placeAt(this.#input.value, this.#input.selectionStart);
    const { text, caret } = whole === undefined ? insert(this.#input.value, place, choice) : { text: whole, caret: whole.length };
    this.#input.value = text;
    this.#input.setSelectionRange(caret, caret);
    this.#close();
    if (whole === undefined) this.#ask();
    else this.#choose();
  }

  #open(yes) {
    this.#popup.hidden = !yes;
    this.#input.setAttribute("aria-expanded", String(yes));
    if (!yes) this.#input.removeAttribute("aria-activedescendant");
  }

  #close() {
    clearTimeout(this.#timer);
    this.#asked++;
    this.#active = -1;
    this.#open(false);
  }
}

function hint({ expects, label, typed }, found) {
  const nothing = found.length === 0 ? (typed ? `Nothing in this range holds “${typed}”. ` : "Nothing in this range. ") : "";
  return nothing + {
    name: "A label, such as service or host. Nothing at all means everything.",
    operator: `How the value of ${label} is compared`,
    value: `A value of ${label}; with =~ a regular expression that fits all of it`,
    comma: "Enter shows it; a comma adds a condition that must hold too",
  }[expects];
}

customElements.define("selector-box", SelectorBox);
