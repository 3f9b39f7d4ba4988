/** The command palette: hosts, profiles and pages by a few letters. Keyboard and screen reader: a combobox and its list. */

import { callApi } from "./api.js";
import { element } from "./element.js";
import { showTimes } from "./when.js";

const LIST = "palette-list";
// A person types faster than answers come; the last question counts.
const PAUSE_MS = 60;
const KINDS = { page: "Page", host: "Host", profile: "Profile" };

let opened = null;

/** Opens it, or closes it when it is open. */
export function toggleCommandPalette() {
  opened ??= new CommandPalette();
  opened.toggle();
}

class CommandPalette {
  #asked = 0;
  #timer = 0;
  #options = [];
  #active = -1;

  constructor() {
    this.input = element("input", {
      type: "text", role: "combobox", autocomplete: "off", spellcheck: false, placeholder: "Hosts, profiles, pages…",
      "aria-label": "Go to a host, profile or page", "aria-expanded": "true", "aria-controls": LIST, "aria-autocomplete": "list",
      oninput: () => this.#later(), onkeydown: (event) => this.#key(event),
    });
    this.list = element("ul", { id: LIST, role: "listbox", "aria-label": "Found", onmousemove: (event) => this.#hover(event), onclick: (event) => this.#click(event) });
    this.status = element("p", { class: "palette-status", role: "status" });
    this.dialog = element("dialog", { class: "palette", "aria-label": "Command palette", onclick: (event) => event.target === this.dialog && this.dialog.close() }, this.input, this.list, this.status);
    document.body.append(this.dialog);
  }

  toggle() {
    if (this.dialog.open) return this.dialog.close();
    this.input.value = "";
    this.dialog.showModal();
    this.input.focus();
    this.#ask();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
  }

  async #ask() {
    const number = ++this.#asked;
    try {
      const found = await callApi("GET", `find?q=${encodeURIComponent(this.input.value)}`);
      if (number === this.#asked) this.#show(found);
    } catch (error) {
      if (number === this.#asked) this.#show([], error.message);
    }
  }

  #show(found, problem = "") {
    this.#options = found.map((one, i) => option(one, i));
    this.list.replaceChildren(...this.#options);
    this.list.hidden = !found.length;
    showTimes(this.list);
    this.status.classList.toggle("bad", Boolean(problem));
    this.status.textContent = problem || summary(found.length, this.input.value);
    this.#activate(found.length ? 0 : -1);
  }

  #activate(place) {
    this.#options[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = place;
    const now = this.#options[place];
    now?.setAttribute("aria-selected", "true");
    now?.scrollIntoView({ block: "nearest" });
    if (now) this.input.setAttribute("aria-activedescendant", now.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const last = this.#options.length - 1;
    if (event.isComposing) return;
    if (event.key in steps && last >= 0) {
      const step = steps[event.key];
      const next = this.#active + step;
      // Single steps go round; leaps stop at the ends.
      this.#activate(Math.abs(step) === 1 ? (next + last + 1) % (last + 1) : Math.max(0, Math.min(last, next)));
    } else if (event.key === "Enter") this.#go(event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  }

  #hover(event) {
    const place = this.#options.indexOf(event.target.closest("[role=option]"));
    if (place >= 0 && place !== this.#active) this.#activate(place);
  }

  #click(event) {
    const chosen = event.target.closest("[role=option]");
    if (!chosen) return;
    this.#activate(this.#options.indexOf(chosen));
    this.#go(event.ctrlKey || event.metaKey);
  }

  #go(elsewhere) {
    const path = this.#options[this.#active]?.dataset.path;
    if (!path) return;
    this.dialog.close();
    if (elsewhere) window.open(path, "_blank", "noopener");
    else location.assign(path);
  }
}

function option(found, i) {
  const made = element(
    "li",
    { id: `palette-${i}`, role: "option", "aria-selected": "false" },
    element("span", { class: "palette-kind" }, KINDS[found.kind]),
    element("span", { class: "palette-title" }, ...marked(found.title, found.marks)),
    element("span", { class: "palette-detail" }, found.detail, ...(found.at ? [found.detail ? " · " : "", when(found.at)] : [])),
  );
  made.dataset.path = found.path;
  return made;
}

function when(at) {
  return element("time", { dateTime: at, "data-show": "relative" }, at);
}

/** Letters that fit, as `<mark>`; neighbours together. Places count characters, not UTF-16 units. */
function marked(title, marks) {
  const letters = [...title];
  const fits = new Set(marks);
  const parts = [];
  let from = 0;
  for (let i = 1; i <= letters.length; i++) {
    if (i < letters.length && fits.has(i) === fits.has(from)) continue;
    const text = letters.slice(from, i).join("");
    parts.push(fits.has(from) ? element("mark", {}, text) : text);
    from = i;
  }
  return parts;
}

function summary(count, wanted) {
  if (!count) return `Nothing is called like “${wanted}”. Try fewer letters.`;
  return `${count} found. ↑ ↓ choose, Enter opens, Ctrl-Enter opens a new tab.`;
}
