/**
 * `<frame-card>`: all that is known of the selected frame, below the graph and never over it: split by process or thread,
 * copying, and the way to its source in an editor. The editor's address is a setting of this browser.
 */

import { signedWithUnit, verdict } from "../core/diff-words.js";
import { share, value } from "../core/format.js";
import { editorUrl, stackText, templateError } from "../core/frame-text.js";
import { printable } from "../core/labels.js";
import { pathOf } from "../core/path.js";
import { element } from "./element.js";
import "./frame-notes.js";

const SETTING = "webprof-editor";
const USUAL = "vscode://file/{file}:{line}";
const SAID_MS = 2000;

export class FrameCard extends HTMLElement {
  #shown = null;
  #asked = null;
  #name = element("bdi", { class: "card-name" });
  #facts = element("dl");
  #split = element("div");
  #copies = [
    ["Copy name", () => this.#shown.tree.name(this.#shown.node)],
    ["Copy stack", () => stackText(this.#shown.tree, this.#shown.node)],
    ["Copy link", () => this.#link()],
  ].map(([text, make]) => element("button", { type: "button", onclick: ({ target }) => copied(target, text, make()) }, text));
  #open = element("a", { class: "button" }, "Open in editor");
  #template = element("input", { type: "text", spellcheck: false, "aria-label": "Address that opens a file in your editor", placeholder: USUAL, oninput: () => this.#setTemplate() });
  #notes = element("frame-notes", { hidden: true });
  #error = element("p", { class: "card-error", role: "alert", hidden: true });

  connectedCallback() {
    if (this.#name.isConnected) return;
    this.#template.value = localStorage.getItem(SETTING) ?? "";
    const setting = element("details", {}, element("summary", {}, "Editor…"), element("label", {}, "Address ", this.#template), this.#error);
    this.append(
      element("div", { class: "card-what" }, this.#name, this.#facts),
      element("div", { class: "card-where" }, element("h3", {}, "Ran in"), this.#split),
      element("div", { class: "card-verbs" }, ...this.#copies, this.#open, setting),
      this.#notes,
    );
  }

  /**
   * @param {import("../core/tree.js").Tree} tree  @param {number} node
   * @param {() => Promise<import("../core/split.js").Split|null>} ask where its function ran
   */
  async show(tree, node, ask) {
    this.#shown = { tree, node };
    const frame = tree.frameOf(node);
    this.#name.textContent = printable(frame.name);
    this.#tellFacts(frame, []);
    this.#showEditor();
    this.#notes.show(frame);
    const asked = (this.#asked = {});
    const split = await ask();
    if (asked !== this.#asked || !split) return;
    this.#tellFacts(frame, tree.diff ? sidesFacts(tree.diff, split) : facts(tree, split));
    this.#split.replaceChildren(tree.diff ? sidesTable(tree.diff, split) : splitList(split));
  }

  #tellFacts({ module, file, line }, more) {
    const source = file === "" ? [] : [["source", `${printable(file)}${line ? `:${line}` : ""}`]];
    const told = [...(module === "" ? [] : [["module", printable(module)]]), ...source, ...more];
    this.#facts.replaceChildren(...told.map(([term, text]) => element("div", {}, element("dt", {}, term), element("dd", { title: text }, element("bdi", {}, text)))));
  }

  #link() {
    const url = new URL(location.href);
    url.searchParams.set("zoom", pathOf(this.#shown.tree, this.#shown.node));
    return url.href;
  }

  #setTemplate() {
    const text = this.#template.value.trim();
    const error = text === "" ? "" : templateError(text);
    Object.assign(this.#error, { textContent: error, hidden: error === "" });
    if (error === "") localStorage.setItem(SETTING, text);
    this.#showEditor();
  }

  #showEditor() {
    const url = editorUrl(localStorage.getItem(SETTING) || USUAL, this.#shown.tree.frameOf(this.#shown.node));
    this.#open.hidden = url === "";
    if (url !== "") this.#open.href = url;
  }
}

function facts(tree, { total, self, places }) {
  const part = (n) => `${share(n, tree.whole)} · ${value(n, tree.unit)}`;
  return [["everywhere: total", part(total)], ["self", part(self)], ["places", String(places)]];
}

function sidesFacts(diff, { sides: [a, b], places }) {
  const part = (name) => `${share(a[name], diff.a.sum)} → ${share(b[name], diff.b.sum)} · ${signedWithUnit(diff, diff.between(a[name], b[name]))}`;
  return [["everywhere: total", part("total")], ["self", part("self")], ["places", String(places)]];
}

function groupName(name) {
  return name === "" ? "all stacks" : printable(name);
}

function splitList({ parts, others, more, total }) {
  const rows = [...parts, ...(others > 0 ? [[`${others} others`, more]] : [])];
  return element("ul", { class: "card-split", "aria-label": "By process or thread" }, ...rows.map(([name, n]) => splitRow(name, n, total)));
}

function splitRow(name, n, total) {
  const bar = element("span", { class: "bar", "aria-hidden": "true" });
  bar.style.inlineSize = `${(100 * n) / (total || 1)}%`;
  return element("li", {}, bar, element("bdi", {}, groupName(name)), element("span", { class: "num" }, share(n, total)));
}

/** Shares are of everything on each side, so that the rows add up to the function. */
function sidesTable(diff, { parts, others, sides: [a, b] }) {
  const rows = parts.map(([name], i) => [groupName(name), a.parts[i], b.parts[i]]);
  if (others > 0) rows.push([`${others} others`, a.more, b.more]);
  const cell = (n, sum) => element("td", { class: "num", title: value(n, diff.unit) }, share(n, sum));
  const lines = rows.map(([name, before, after]) => {
    const changed = diff.between(before, after);
    const change = element("td", { class: changed.beyond ? "num" : "num dim", title: verdict(diff, changed) }, signedWithUnit(diff, changed));
    return element("tr", {}, element("th", { scope: "row", title: name }, element("bdi", {}, name)), cell(before, diff.a.sum), cell(after, diff.b.sum), change);
  });
  const heads = ["", "A", "B", "Change"].map((text) => element("th", { scope: "col", class: text === "" ? "" : "num" }, text));
  const head = element("thead", {}, element("tr", {}, ...heads));
  return element("table", { class: "card-sides", "aria-label": "By process or thread, on both sides" }, head, element("tbody", {}, ...lines));
}

/** Says so on the button itself; without a clipboard the text is shown to be copied by hand. */
async function copied(button, label, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    window.prompt("Copy with Ctrl-C", text);
  }
  setTimeout(() => (button.textContent = label), SAID_MS);
}

customElements.define("frame-card", FrameCard);
