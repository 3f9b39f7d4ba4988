/** `<change-table>`: functions by how much they changed between two sides. Event `find` {name}: in the graph. */

import { rows } from "../core/diff.js";
import { notListed } from "../core/diff-rows.js";
import { points, signedWithUnit, verdict } from "../core/diff-words.js";
import { matching } from "../core/function-rows.js";
import { amount, share } from "../core/format.js";
import { printable } from "../core/labels.js";
import { element } from "./element.js";

/** A bar as long as the column stands for at least this share. */
const FULL = 0.01;

export class ChangeTable extends HTMLElement {
  #diff = null;
  #column = "self";
  #filter = element("input", { type: "search", placeholder: "Filter functions", "aria-label": "Filter functions", oninput: () => this.#draw() });
  #chance = element("input", { type: "checkbox", onchange: () => this.#draw() });
  #status = element("span", { class: "dim", role: "status" });
  #select = element("select", { onchange: () => this.#choose() }, element("option", { value: "self" }, "self"), element("option", { value: "total" }, "total"));
  #body = element("tbody");

  connectedCallback() {
    if (this.#body.isConnected) return;
    const heads = ["Function", "Module", "A", "B", "Change", "", "Verdict"].map((text, i) => element("th", { scope: "col", class: ["", "wide-only", "num mid-only", "num mid-only", "num", "mid-only", "wide-only"][i] }, text));
    this.append(
      element("div", { class: "table-tools" }, this.#filter, element("label", {}, "Change of ", this.#select), element("label", { class: "choice" }, this.#chance, "also what could be chance"), this.#status),
      element("table", { class: "table dense changes" }, element("caption", { class: "visually-hidden" }, "Functions by change"), element("thead", {}, element("tr", {}, ...heads)), this.#body),
    );
  }

  /** @param {import("../core/diff.js").Diff|null} diff null while it is under way */
  show(diff) {
    this.#diff = diff;
    this.setAttribute("aria-busy", String(diff === null));
    this.#draw();
  }

  #choose() {
    this.#column = this.#select.value;
    this.#draw();
  }

  #draw() {
    if (this.#diff === null) {
      this.#status.textContent = "Asking…";
      this.#body.replaceChildren();
      return;
    }
    const every = matching(rows(this.#diff, this.#column), this.#filter.value).filter(({ by }) => by !== 0);
    const sure = every.filter(({ beyond }) => beyond);
    const shown = this.#chance.checked ? every : sure;
    this.#status.textContent = every.length === 0 ? "No function changed." : `${sure.length} changed beyond chance, ${every.length - sure.length} could be chance`;
    const rest = notListed(this.#diff);
    if (rest) this.#status.textContent += `. Not listed: ${rest.words}, ${share(rest.self.a, this.#diff.a.sum)} of A and ${share(rest.self.b, this.#diff.b.sum)} of B itself`;
    const full = Math.max(FULL, ...shown.map(({ by }) => Math.abs(this.#diff.size(by))));
    this.#body.replaceChildren(...shown.map((row) => this.#row(row, full)));
  }

  #row(row, full) {
    const name = printable(row.name);
    const number = (n, sum) => element("td", { class: "num mid-only", title: amount(n, this.#diff.unit) }, share(n, sum));
    const find = element("button", { type: "button", class: "link mono", title: `Find ${name} in the flame graph`, onclick: () => this.dispatchEvent(new CustomEvent("find", { detail: { name: row.name } })) }, element("bdi", {}, name));
    return element(
      "tr",
      { class: row.beyond ? "" : "gone" },
      element("th", { scope: "row", class: "fn" }, find),
      element("td", { class: "dim mono wide-only module" }, row.module ? printable(row.module) : ""),
      number(row.a, this.#diff.a.sum),
      number(row.b, this.#diff.b.sum),
      element("td", { class: "num", title: points(row.by) }, signedWithUnit(this.#diff, row)),
      element("td", { class: "mid-only" }, this.#bar(row, full)),
      element("td", { class: "wide-only dim" }, verdict(this.#diff, row)),
    );
  }

  #bar({ by, beyond }, full) {
    const size = this.#diff.size(by);
    const fill = element("span", { class: by < 0 ? "less" : "more" });
    fill.style.width = `${Math.min(1, Math.abs(size) / full) * 50}%`;
    return element("span", { class: beyond ? "change-bar" : "change-bar faint", "aria-hidden": "true" }, fill);
  }
}

customElements.define("change-table", ChangeTable);
