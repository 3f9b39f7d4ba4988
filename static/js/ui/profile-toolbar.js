/** `<profile-toolbar>`: search, direction, colours, grouping, which stacks, keys. Events `choose` {name, value}, `swap` {at, base}, `keys`. */

import { PALETTES } from "../core/palettes.js";
import { element } from "./element.js";
import "./search-box.js";

const VIEWS = [
  ["icicle", "Icicle", "Callers above, callees below"],
  ["flame", "Flame", "Callers below, callees above"],
];
const GROUPS = [
  ["", "nothing"],
  ["comm", "process name"],
  ["pid", "process id"],
  ["tid", "thread id"],
  ["comm,pid", "name, process"],
  ["comm,tid", "name, thread"],
  ["pid,tid", "process, thread"],
  ["comm,pid,tid", "name, process, thread"],
  ["container", "container"],
  ["container,comm", "container, name"],
  ["container,comm,pid", "container, name, process"],
  ["unit", "service"],
  ["unit,comm", "service, name"],
  ["cgroup", "control group"],
  ["cgroup,comm", "control group, name"],
];
const CHANGES = [
  ["relative", "shares of each side"],
  ["absolute", "values"],
];
const STACKS = [
  ["all", "all"],
  ["whole", "whole only"],
  ["cut", "cut only"],
];
/** What a part of a grouping is called: links may ask for other combinations than the list offers. */
const PART_NAMES = { comm: "name", pid: "process", tid: "thread", container: "container", unit: "service", cgroup: "control group" };
/** What the server groups by when the URL does not say. */
const SERVER_GROUP = "comm";

export class ProfileToolbar extends HTMLElement {
  #views = new Map();
  #color;
  #group;
  #stacks;
  #change;
  #swapped = {};
  #swap = element("button", { type: "button", title: "Look from the other side: A becomes B", onclick: () => this.#emit("swap", this.#swapped) }, "⇄ Swap A and B");

  connectedCallback() {
    if (this.search) return;
    this.search = element("search-box");
    for (const [value, text, title] of VIEWS) this.#views.set(value, this.#viewButton(value, text, title));
    this.#color = this.#colors();
    this.#group = this.#select("group", GROUPS);
    this.#stacks = this.#select("stacks", STACKS);
    this.#change = this.#select("change", CHANGES);
    this.append(
      this.search,
      element("div", { class: "segments", role: "group", "aria-label": "Direction" }, ...this.#views.values()),
      element("label", {}, "Colour ", this.#color),
      element("label", { title: "Shares are what the lengths of the sides have no part in" }, "Change in ", this.#change),
      this.#swap,
      element("label", { class: "group" }, "Group by ", this.#group),
      element("label", { title: "Cut stacks lack their outermost callers" }, "Stacks ", this.#stacks),
      element("button", { type: "button", class: "icon-button", title: "Keyboard and mouse ( ? )", "aria-label": "Keyboard and mouse", onclick: () => this.#emit("keys", {}) }, "?"),
    );
  }

  /** @param {import("../core/viewstate.js").ViewState} state  @param {boolean} canGroup  @param {boolean} twoSides */
  show(state, canGroup, twoSides) {
    this.search.setTerms(state);
    this.#change.value = state.change;
    this.#change.parentElement.hidden = !twoSides;
    // Parts of a profile's time change places; a page that chose other sides has its own way to swap them.
    this.#swapped = { at: state.base, base: state.at };
    this.#swap.hidden = !twoSides || state.base === "";
    this.#color.parentElement.hidden = twoSides;
    for (const [value, button] of this.#views) button.setAttribute("aria-pressed", String(value === state.view));
    this.#color.value = state.color;
    this.#showGroup(state.group ?? SERVER_GROUP);
    this.#group.parentElement.hidden = !canGroup;
    this.#stacks.value = state.stacks;
    // Most profiles have none that are cut: the choice shows up where it has been made, and is offered with the reasons.
    this.#stacks.parentElement.hidden = !canGroup || state.stacks === "all";
  }

  #showGroup(group) {
    if (![...this.#group.options].some((option) => option.value === group)) {
      const text = group.split(",").map((part) => PART_NAMES[part]).join(", ");
      this.#group.append(element("option", { value: group }, text));
    }
    this.#group.value = group;
  }

  #viewButton(value, text, title) {
    return element("button", { type: "button", title, onclick: () => this.#emit("choose", { name: "view", value }) }, text);
  }

  #select(name, choices) {
    const options = choices.map(([value, text]) => element("option", { value }, text));
    const onchange = (event) => this.#emit("choose", { name, value: event.target.value });
    return element("select", { onchange }, ...options);
  }

  /** What colours mean, and the classic ones that mean little. */
  #colors() {
    const select = this.#select("color", []);
    for (const [label, classic] of [["Meaning", false], ["Classic", true]]) {
      const options = Object.entries(PALETTES).filter(([, one]) => Boolean(one.classic) === classic).map(([value, { text }]) => element("option", { value }, text));
      select.append(element("optgroup", { label }, ...options));
    }
    return select;
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("profile-toolbar", ProfileToolbar);
