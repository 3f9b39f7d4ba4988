/**
 * `<quality-line>`: whether the profile can be trusted, in one line; its button opens the reasons and what to do.
 * Set with `show`. Events: `find` {query}: look for these frames; `stacks` {which}: all, whole or cut ones only.
 */

import { count, share } from "../core/format.js";
import { costs, facts, headline, options, sections, verdict } from "../core/quality.js";
import { element } from "./element.js";

const SHAPES = { good: "●", warn: "▲", bad: "■" };

export class QualityLine extends HTMLElement {
  #line = element("ul", { class: "facts" });
  #panel = element("div", { class: "causes" });
  #details = element("details", {}, element("summary", {}, "Why, and what to do"), this.#panel);
  #shown = "";
  #debugFilesUrl = null;

  constructor() {
    super();
    this.#details.addEventListener("keydown", (event) => this.#key(event));
    // A click elsewhere is meant for what it hits.
    document.addEventListener("pointerdown", (event) => this.contains(event.target) || this.#close());
  }

  connectedCallback() {
    this.hidden = this.#panel.childElementCount === 0;
    this.replaceChildren(this.#line, this.#details);
  }

  /**
   * @param {import("../core/quality.js").Report} report  @param {boolean} canChoose whether stacks can be left out
   * @param {string|null} debugFilesUrl the page where missing debug files are sent to, for who may open it
   * @param {boolean} ofPart whether a part of the recording is shown: what was lost is known of all of it only
   */
  show(report, canChoose, debugFilesUrl = null, ofPart = false) {
    this.hidden = false;
    // A live run sends the same again and again: what a person reads or has focused must not be replaced for nothing.
    const now = JSON.stringify([report, canChoose, ofPart]);
    if (now === this.#shown) return;
    this.#shown = now;
    this.#debugFilesUrl = debugFilesUrl;
    const list = facts(report);
    const { state, word } = verdict(list);
    this.#line.replaceChildren(
      ...(ofPart ? [element("li", { title: "What was lost or cut short is known of the recording as a whole, not of a part of its time" }, "The whole recording:")] : []),
      element("li", { class: `verdict ${state}`, title: "How far this profile can be trusted" }, mark(state), word),
      element("li", { class: "headline" }, headline(report)),
      ...list.map((fact) => element("li", { class: fact.state, title: fact.title }, fact.state === "good" ? null : mark(fact.state), fact.text)),
    );
    this.#panel.replaceChildren(...this.#sections(report, canChoose), ...costList(report));
  }

  #sections(report, canChoose) {
    const made = sections(report).map((section) => this.#section(section, canChoose));
    return made.length ? made : [element("p", {}, "Nothing was lost, cut short or left without a name.")];
  }

  #section({ key, title, about, reason, noun, of, rows }, canChoose) {
    const advised = rows.some((row) => row.advice);
    const head = (text, name = null) => element("th", { scope: "col", class: name }, text);
    const heads = element("tr", {}, head(reason), head(noun, "number"), of ? head("Share", "number") : null, advised ? head("What to do", "help") : null);
    const body = rows.map((row) => this.#row(row, of, advised));
    const table = element("table", { "aria-label": title, class: advised ? "advised" : null }, element("thead", {}, heads), element("tbody", {}, ...body));
    return element("section", {}, element("h3", {}, title), about ? element("p", { class: "about" }, about) : null, key === "cut" && canChoose ? this.#choices() : null, table);
  }

  #row(row, of, advised) {
    const reason = element("bdi", {}, ...sentence(row.reason));
    const find = row.search ? element("button", { type: "button", class: "find", title: "Find these in the graph", onclick: () => this.#find(row.search) }, reason) : reason;
    const send = this.#debugFilesUrl && row.builds?.some((one) => one.build_id) ? element("a", { href: this.#debugFilesUrl }, "Send its debug file") : null;
    const help = advised ? element("td", { class: "help" }, ...sentence(row.advice), " ", send, ...(row.builds ?? []).map(build)) : null;
    return element("tr", {}, element("th", { scope: "row" }, find), element("td", { class: "number" }, count(row.count)), of ? element("td", { class: "number" }, share(row.count, of)) : null, help);
  }

  #choices() {
    const choice = (which, text) => element("button", { type: "button", onclick: () => this.#emit("stacks", { which }) }, text);
    return element("p", { class: "choices" }, choice("whole", "Hide cut stacks"), choice("cut", "Show only cut stacks"), choice("all", "Show all"));
  }

  #find(query) {
    this.#close();
    this.#emit("find", { query });
  }

  #key(event) {
    if (event.key !== "Escape" || !this.#details.open) return;
    event.stopPropagation();
    this.#close();
    this.#details.firstElementChild.focus();
  }

  #close() {
    this.#details.open = false;
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function mark(state) {
  return element("span", { class: "mark", "aria-hidden": "true" }, SHAPES[state]);
}

/** Options are never broken: half of one means something else. */
function sentence(text) {
  return options(text).map((piece) => (piece.isOption ? element("code", {}, piece.text) : piece.text));
}

/** Which file it was, exactly: what one needs to look for its symbols. */
function build({ build_id, package: name, debug_package: debug }) {
  const facts = [name && `package ${name}`, debug && `symbols usually in ${debug}`, build_id && `build id ${build_id}`].filter(Boolean);
  return facts.length ? element("span", { class: "build" }, facts.join(" · ")) : null;
}

function costList(report) {
  const list = costs(report);
  if (list.length === 0) return [];
  const rows = list.map(({ term, text, note }) => element("div", {}, element("dt", {}, term), element("dd", {}, element("strong", {}, text), element("span", { class: "about" }, ` ${note}`))));
  return [element("section", {}, element("h3", {}, "What recording cost"), element("dl", {}, ...rows))];
}

customElements.define("quality-line", QualityLine);
