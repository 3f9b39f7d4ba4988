/**
 * `<call-tree>`: the tree as rows that open, for keyboards and screen readers: what the graph shows, in words.
 * Events: `sort` {sort}, `picknode` {node}, `opennode` {node} (Enter: zoom the graph to it), `closer` {node}: it calls more than is here.
 */

import { callDirection, nextCallSort, parseCallSort } from "../core/call-order.js";
import { CallRows } from "../core/call-rows.js";
import { diffFills, fillOf } from "../core/diff-colors.js";
import { signedWithUnit, verdict } from "../core/diff-words.js";
import { many, share, value } from "../core/format.js";
import { origin, printable } from "../core/labels.js";
import { match } from "../core/search.js";
import { compileAll, patternsOf } from "../core/search-terms.js";
import { swatch } from "../core/colors.js";
import { element } from "./element.js";
import { rowKeys } from "./row-keys.js";
import { currentTheme } from "./theme.js";
import { VirtualRows } from "./virtual-rows.js";

const ROW_PX = 24;
const INDENT_PX = 14;
/** Deeper rows are not moved further in: the name must stay in sight. The level is said all the same. */
const MAX_INDENT = 24;
const ONE_SIDE = [
  ["total", "Total", "num", "Value of the frame and all it called"],
  ["self", "Self", "num", "Value of the frame itself"],
  ["name", "Function", "name", ""],
];
const TWO_SIDES = [
  ["total", "Change", "num change", "From A to B, of the frame and all it called; the largest first, whichever its sign"],
  ["a", "A", "num side", "Before"],
  ["b", "B", "num side", "What is looked at"],
  ["name", "Function", "name", ""],
];
let made = 0;

export class CallTree extends HTMLElement {
  #id = `call-tree-${++made}`;
  #calls = null;
  #matches = null;
  #selected = 0;
  #sort = "";
  #body = element("tbody", { role: "rowgroup" });
  #head = element("tr", { role: "row" });
  #scroller;
  #virtual;

  constructor() {
    super();
    const table = element("table", { role: "none", class: "stack-table" }, element("thead", { role: "rowgroup" }, this.#head), this.#body);
    this.#scroller = element("div", { class: "panel-scroller", tabIndex: 0, role: "treegrid", "aria-label": "Call tree" }, table);
    this.#virtual = new VirtualRows(this.#scroller, this.#body, ROW_PX, (index) => this.#row(index));
    rowKeys(this.#scroller, {
      at: () => this.#calls.rows.indexOf(this.#selected),
      count: () => this.#calls?.rows.length ?? 0,
      go: (index) => this.#pick(this.#calls.rows[index]),
      enter: () => this.#emit("opennode", { node: this.#selected }),
      left: () => this.#setOpen(this.#selected, false) || this.#pick(this.#calls.tree.parent[this.#selected]),
      right: () => this.#setOpen(this.#selected, true) || this.#pickFirstCallee(),
    });
  }

  connectedCallback() {
    if (!this.#scroller.isConnected) this.append(this.#scroller);
  }

  /** @param {{tree: object, state: object, selected: number}} shown `selected` -1 for none */
  show({ tree, state, selected }) {
    const another = this.#calls?.tree !== tree;
    const before = this.#calls?.tree.family === tree.family && tree.partial ? this.#calls : null;
    if (another && before) this.#selected = Math.max(0, tree.nodeOfPlace(before.tree.place[this.#selected]));
    if (another) this.#calls = new CallRows(tree, before, state.sort);
    else this.#calls.order(state.sort);
    this.#showHeads(Boolean(tree.diff), state.sort);
    const { regexes } = compileAll(patternsOf(state));
    this.#matches = regexes.length > 0 ? match(tree, regexes).frames : null;
    const moved = (another && !before) || (selected >= 0 && selected !== this.#selected);
    this.#selected = selected >= 0 ? selected : another && !before ? 0 : this.#selected;
    const at = this.#calls.reveal(this.#selected);
    this.#virtual.show(this.#calls.rows.length);
    if (moved) this.#virtual.reveal(at);
    this.#tellSelected();
  }

  /** Kept while they say the same: the head that was pressed keeps the focus. */
  #showHeads(twoSides, sort) {
    const heads = twoSides ? TWO_SIDES : ONE_SIDE;
    if (this.#head.childElementCount !== heads.length) {
      const sorted = (column) => this.#emit("sort", { sort: nextCallSort(this.#sort, column, twoSides) });
      this.#head.replaceChildren(...heads.map(([column, text, look, title]) => element("th", { role: "columnheader", scope: "col", class: look }, element("button", { type: "button", title, onclick: () => sorted(column) }, text))));
    }
    this.#sort = sort;
    const { column, reversed } = parseCallSort(sort, twoSides);
    heads.forEach(([name], i) => {
      if (name === column) this.#head.children[i].setAttribute("aria-sort", callDirection(column, reversed));
      else this.#head.children[i].removeAttribute("aria-sort");
    });
  }

  #row(index) {
    const { tree, rows } = this.#calls;
    const node = rows[index];
    const { place, of } = this.#calls.placeOf(node);
    const row = element("tr", {
      id: `${this.#id}-${node}`,
      role: "row",
      class: this.#matches?.[tree.frame[node]] > 0 ? "matched" : null,
      "aria-level": String(tree.depth[node] + 1),
      "aria-posinset": String(place),
      "aria-setsize": String(of),
      "aria-selected": String(node === this.#selected),
      "aria-expanded": this.#calls.hasCallees(node) && String(this.#calls.isOpen(node)),
    }, ...(tree.diff ? sides(tree.diff, node) : [number(tree, tree.total[node]), number(tree, tree.self[node])]), this.#nameCell(tree, node));
    row.addEventListener("click", () => this.#pick(node));
    row.addEventListener("dblclick", () => this.#emit("opennode", { node }));
    return row;
  }

  #nameCell(tree, node) {
    const frame = tree.frameOf(node);
    const name = printable(frame.name);
    const open = this.#calls.isOpen(node);
    const look = { type: "button", tabIndex: -1, class: this.#calls.hasCallees(node) ? "twisty" : "twisty leaf", "aria-hidden": "true" };
    const toggle = element("button", look, open ? "▾" : "▸");
    toggle.addEventListener("click", (event) => {
      event.stopPropagation();
      this.#setOpen(node, !open);
    });
    const mark = element("span", { class: "swatch", "aria-hidden": "true" });
    mark.style.background = tree.diff ? diffFills(currentTheme())[fillOf(tree.diff, tree.diff.of(node))] : swatch(frame.kind, currentTheme());
    const cell = element("th", { role: "rowheader", scope: "row", class: "name", title: name.slice(0, 1000) }, toggle, mark, element("bdi", {}, name), element("span", { class: "origin" }, origin(frame), open && this.#calls.hasMore(node) ? ` ${unlisted(tree, node)}` : ""));
    cell.style.paddingInlineStart = `${Math.min(MAX_INDENT, tree.depth[node]) * INDENT_PX}px`;
    return cell;
  }

  #setOpen(node, open) {
    if (!this.#calls.setOpen(node, open)) return false;
    if (open && this.#calls.hasMore(node)) this.#emit("closer", { node });
    this.#virtual.show(this.#calls.rows.length);
    this.#tellSelected();
    return true;
  }

  #pickFirstCallee() {
    const { rows } = this.#calls;
    const next = rows[rows.indexOf(this.#selected) + 1];
    if (next !== undefined && this.#calls.tree.parent[next] === this.#selected) this.#pick(next);
  }

  #pick(node) {
    this.#selected = node;
    this.#virtual.show(this.#calls.rows.length);
    this.#virtual.reveal(this.#calls.rows.indexOf(node));
    this.#tellSelected();
    this.#emit("picknode", { node });
  }

  #tellSelected() {
    this.#scroller.setAttribute("aria-activedescendant", `${this.#id}-${this.#selected}`);
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** What too many callees leave out of the list. */
function unlisted(tree, node) {
  const cut = tree.cutBelow(node);
  return `and ${many(cut.count, "smaller frame")} below, ${share(cut.value, tree.whole)}`;
}

function number(tree, n) {
  const bar = element("span", { class: "bar", "aria-hidden": "true" });
  bar.style.inlineSize = `${(100 * n) / (tree.whole || 1)}%`;
  const exact = value(n, tree.unit);
  return element("td", { role: "gridcell", class: "num", title: exact }, bar, element("span", { class: "share" }, share(n, tree.whole)), element("span", { class: "exact" }, exact));
}

/** The change of a frame with all it called, then its share of each side. */
function sides(diff, node) {
  const changed = diff.of(node);
  const cell = (look, title, text) => element("td", { role: "gridcell", class: `num ${look}`, title }, text);
  const side = ({ total, sum }) => cell("side", value(total[node], diff.unit), share(total[node], sum));
  return [cell(changed.beyond ? "change" : "change chance", verdict(diff, changed), signedWithUnit(diff, changed)), side(diff.a), side(diff.b)];
}

customElements.define("call-tree", CallTree);
