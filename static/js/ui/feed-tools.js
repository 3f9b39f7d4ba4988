/**
 * `<feed-tools>`: the bar over the table. Events: `jump` {text}, `follow` {pid|null}, `columns` {hidden}, `save` {kind}, `newest`,
 * `clear` (all filters).
 */

import { count, many } from "../core/format.js";
import { element } from "./element.js";
import { enhanceMenus } from "./menu.js";

export class FeedTools extends HTMLElement {
  #jump = element("input", { type: "text", class: "mono", placeholder: "14:02:11", "aria-label": "Jump to a time of day", size: 10, autocomplete: "off" });
  #pid = element("input", { type: "text", inputMode: "numeric", class: "mono", placeholder: "PID", "aria-label": "Follow a process", size: 8, autocomplete: "off" });
  #unfollow = element("button", { type: "button", class: "quiet", hidden: true, onclick: () => this.#emit("follow", { pid: null }) }, "everything");
  #followed = element("span", { class: "dim" });
  #columns = element("div", { class: "menu-list feed-columns", role: "group", "aria-label": "Columns" });
  #newest = element("button", { type: "button", hidden: true, onclick: () => this.#emit("newest") }, "Newest ↓");
  #clear = element("button", { type: "button", hidden: true, onclick: () => this.#emit("clear") }, "Clear filters");
  #numbers = element("span", { class: "dim feed-numbers" });
  #losses = element("details", { class: "feed-losses", hidden: true }, element("summary"), element("table", { class: "table dense" }));

  connectedCallback() {
    if (this.childElementCount > 0) return;
    const jump = element("form", { onsubmit: (event) => this.#submit(event, "jump", { text: this.#jump.value }) }, element("label", {}, "Jump to ", this.#jump));
    const follow = element("form", { onsubmit: (event) => this.#submit(event, "follow", { pid: Number(this.#pid.value) || null }) }, element("label", {}, "Follow ", this.#pid), " ", this.#unfollow, this.#followed);
    const columns = element("details", { class: "menu" }, element("summary", {}, "Columns"), this.#columns);
    const save = element("details", { class: "menu" }, element("summary", {}, "Export"), element("div", { class: "menu-list" }, ...["csv", "json"].map((kind) => element("button", { type: "button", onclick: () => this.#save(save, kind) }, `What is shown, as ${kind.toUpperCase()}`))));
    for (const menu of [columns, save]) menu.dataset.menu = "";
    this.append(jump, follow, columns, save, this.#clear, this.#newest, element("span", { class: "spacer" }), this.#numbers, this.#losses);
    enhanceMenus(this);
  }

  /** @param {import("../core/feed-wire.js").Field[]} fields  @param {string[]} hidden names */
  showColumns(fields, hidden) {
    this.#columns.replaceChildren(...fields.map((field) => {
      const box = element("input", { type: "checkbox", checked: !hidden.includes(field.name), value: field.name });
      box.addEventListener("change", () => this.#emit("columns", { hidden: [...this.#columns.querySelectorAll("input:not(:checked)")].map(({ value }) => value) }));
      return element("label", { title: field.about }, box, " ", field.title);
    }));
  }

  /** @param {import("../core/feed-follow.js").FollowedProcess|null} followed */
  showFollowed(followed) {
    this.#pid.value = followed ? String(followed.pid) : "";
    this.#unfollow.hidden = followed === null;
    this.#followed.textContent = followed && !followed.knowsChildren ? " without its children: these events name no parent" : "";
  }

  /** @param {{shown: number, kept: number, filtered: boolean, away: boolean}} numbers */
  showNumbers({ shown, kept, filtered, away }) {
    this.#numbers.textContent = filtered ? `${count(shown)} of ${many(kept, "event")}` : many(kept, "event");
    this.#clear.hidden = !filtered;
    this.#newest.hidden = !away;
  }

  /** @param {{where: string, why: string, events: number}[]} rows  @param {number} total lost */
  showLosses(rows, total) {
    this.#losses.hidden = false;
    const [summary, table] = this.#losses.children;
    const text = total === 0 ? "0 dropped" : `${count(total)} dropped`;
    if (summary.textContent !== text) summary.textContent = text;
    this.#losses.classList.toggle("lost", total > 0);
    const head = element("thead", {}, element("tr", {}, ...["Where", "Events", "Why"].map((name) => element("th", { scope: "col" }, name))));
    const lines = rows.map(({ where, why, events }) => element("tr", {}, element("th", { scope: "row" }, where), element("td", { class: "num" }, count(events)), element("td", {}, why)));
    const none = element("tr", {}, element("td", { colSpan: 3 }, "Every event that the probe saw since this page was opened is here."));
    table.replaceChildren(head, element("tbody", {}, ...(lines.length ? lines : [none])));
  }

  /** What was typed is no time. @param {string} message */
  refuseJump(message) {
    this.#jump.setCustomValidity(message);
    this.#jump.reportValidity();
    this.#jump.addEventListener("input", () => this.#jump.setCustomValidity(""), { once: true });
  }

  #save(menu, kind) {
    menu.open = false;
    this.#emit("save", { kind });
  }

  #submit(event, name, detail) {
    event.preventDefault();
    this.#emit(name, detail);
  }

  #emit(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("feed-tools", FeedTools);
