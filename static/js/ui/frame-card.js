/**
 * `<frame-card>`: all that is known of the selected frame, below the graph and never over it: split by process or thread,
 * copying, and the way to its source in an editor. The editor's address is a setting of this browser.
 */

import { share, value } from "../core/format.js";
import { editorUrl, stackText, templateError } from "../core/frame-text.js";
import { printable } from "../core/labels.js";
import { pathOf } from "../core/path.js";
import { element } from "./element.js";

const SETTING = "webprof-editor";
const USUAL = "vscode://file/{file}:{line}";
const SAID_MS = 2000;

export class FrameCard extends HTMLElement {
  #shown = null;
  #asked = null;
  #name = element("bdi", { class: "card-name" });
  #facts = element("dl");
  #split = element("ul", { class: "card-split", "aria-label": "By process or thread" });
  #copies = [
    ["Copy name", () => this.#shown.tree.name(this.#shown.node)],
    ["Copy stack", () => stackText(this.#shown.tree, this.#shown.node)],
    ["Copy link", () => this.#link()],
  ].map(([text, make]) => element("button", { type: "button", onclick: ({ target }) => copied(target, text, make()) }, text));
  #open = element("a", { class: "button" }, "Open in editor");
  #template = element("input", { type: "text", spellcheck: false, "aria-label": "Address that opens a file in your editor", placeholder: USUAL, oninput: () => this.#setTemplate() });
  #error = element("p", { class: "card-error", role: "alert", hidden: true });

  connectedCallback() {
    if (this.#name.isConnected) return;
    this.#template.value = localStorage.getItem(SETTING) ?? "";
    const setting = element("details", {}, element("summary", {}, "Editor…"), element("label", {}, "Address ", this.#template), this.#error);
    this.append(
      element("div", { class: "card-what" }, this.#name, this.#facts),
      element("div", { class: "card-where" }, element("h3", {}, "Ran in"), this.#split),
      element("div", { class: "card-verbs" }, ...this.#copies, this.#open, setting),
    );
  }

  /**
   * @param {import("../core/tree.js").Tree} tree  @param {number} node
   * @param {(() => Promise<import("../core/split.js").Split>)|null} ask where its function ran; null of two sides: the strip tells their values
   */
  async show(tree, node, ask) {
    this.#shown = { tree, node };
    const frame = tree.frameOf(node);
    this.#name.textContent = printable(frame.name);
    const source = frame.file === "" ? "" : `${printable(frame.file)}${frame.line ? `:${frame.line}` : ""}`;
    this.#tellFacts([["module", printable(frame.module)].filter(() => frame.module !== ""), source === "" ? [] : ["source", source]]);
    this.#showEditor();
    this.#split.parentElement.hidden = ask === null;
    const asked = (this.#asked = {});
    const split = await ask?.();
    if (asked !== this.#asked || !split) return;
    const part = (n) => `${share(n, tree.whole)} · ${value(n, tree.unit)}`;
    this.#tellFacts([["module", printable(frame.module)].filter(() => frame.module !== ""), source === "" ? [] : ["source", source], ["everywhere: total", part(split.total)], ["self", part(split.self)], ["places", String(split.places)]]);
    const rows = [...split.parts, ...(split.others > 0 ? [[`${split.others} others`, split.more]] : [])];
    this.#split.replaceChildren(...rows.map(([name, n]) => splitRow(name, n, split.total)));
  }

  #tellFacts(facts) {
    this.#facts.replaceChildren(...facts.filter(({ length }) => length > 0).map(([term, text]) => element("div", {}, element("dt", {}, term), element("dd", { title: text }, element("bdi", {}, text)))));
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

function splitRow(name, n, total) {
  const bar = element("span", { class: "bar", "aria-hidden": "true" });
  bar.style.inlineSize = `${(100 * n) / (total || 1)}%`;
  return element("li", {}, bar, element("bdi", {}, name === "" ? "all stacks" : printable(name)), element("span", { class: "num" }, share(n, total)));
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
