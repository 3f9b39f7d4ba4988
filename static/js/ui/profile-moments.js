/**
 * When a profile's samples were taken, above its graph: the heat map, the parts of the time that are selected (B) and those
 * they are compared with (A). The page's view owns the state; this asks for changes.
 * Events `choose` {change, how}, `answered` when it has what it asked for, or says why not.
 */

import { share } from "../core/format.js";
import { HeatCells } from "../core/heat-cells.js";
import { printable } from "../core/labels.js";
import { formatSpans, joined, parseSpans, spanText } from "../core/spans.js";
import { element } from "./element.js";
import { loadMoments } from "./tree-loader.js";
import "./heat-map.js";

const ROWS = [["offset", "Offset within the second"], ["thread", "Threads"], ["process", "Processes"], ["cpu", "CPUs"]];
/** Cells of lanes are about this wide. */
const COLUMN_PX = 6;

export class ProfileMoments extends HTMLElement {
  #state = null;
  #asked = "";
  #answer = null;
  #side = "at";
  #map = element("heat-map");
  #status = element("p", { class: "dim", role: "status" });
  #chips = element("ul", { class: "heat-spans", "aria-label": "Selected parts" });
  #rows = element("select", { onchange: () => this.#change({ heat: this.#rows.value }, "replace") }, ...ROWS.map(([value, text]) => element("option", { value }, text)));
  #sides = [["at", "Select"], ["base", "Compare with"]].map(([side, text]) => element("button", { type: "button", onclick: () => this.#setSide(side) }, text));
  #ran = element("button", { type: "button", onclick: () => this.#change({ ran: this.#state.ran === "" ? this.#name : "" }, "push") });
  /** What Shift is to a mouse, for fingers. */
  #add = element("button", { type: "button", "aria-pressed": "false", title: "The next part is added to those that are selected, as with Shift", onclick: () => this.#add.setAttribute("aria-pressed", String(!this.#adds)) }, "+ Add");
  #name = "";

  constructor() {
    super();
    this.#map.addEventListener("select", ({ detail: { spans, add } }) => this.#select(spans, add));
    this.#map.addEventListener("clear", () => this.#state[this.#side] !== "" && this.#change({ [this.#side]: "" }, "push"));
  }

  connectedCallback() {
    if (this.#map.isConnected) return;
    const tools = element("div", { class: "heat-tools" }, element("label", {}, "Rows ", this.#rows), element("div", { class: "segments", role: "group", "aria-label": "What a drag selects" }, ...this.#sides), this.#add, this.#ran, this.#chips);
    this.append(tools, this.#map, this.#status);
    this.#setSide(this.#side);
  }

  /** @param {object} state  @param {string} url where samples' times are  @param {string} name of the selected function, "" for none */
  show(state, url, name) {
    this.#state = state;
    if (name !== "") this.#name = name;
    this.#rows.value = state.heat;
    this.#ran.hidden = this.#name === "" && state.ran === "";
    this.#ran.textContent = state.ran === "" ? `When did ${printable(this.#name).slice(0, 60)} run?` : `Only stacks through ${printable(state.ran).slice(0, 60)} ×`;
    this.#ran.setAttribute("aria-pressed", String(state.ran !== ""));
    this.#chips.replaceChildren(...["base", "at"].flatMap((side) => parseSpans(state[side]).map((span, i) => this.#chip(side, span, i))));
    this.#offerAdd();
    this.#load(url);
    this.#draw();
  }

  get #adds() {
    return this.#add.getAttribute("aria-pressed") === "true";
  }

  /** There is something to add to. */
  #offerAdd() {
    this.#add.hidden = parseSpans(this.#state?.[this.#side] ?? "").length === 0;
    if (this.#add.hidden) this.#add.setAttribute("aria-pressed", "false");
  }

  async #load(url) {
    const asked = new URL(url, document.baseURI);
    const columns = Math.max(20, Math.min(600, Math.round(this.clientWidth / COLUMN_PX)));
    const wanted = { by: this.#state.heat, name: this.#state.ran, ...(this.#state.heat === "offset" ? {} : { columns }) };
    for (const [name, value] of Object.entries(wanted)) if (value !== "") asked.searchParams.set(name, value);
    if (asked.href === this.#asked) return;
    this.#asked = asked.href;
    // Said, not shown: a line that comes and goes would move the graph.
    Object.assign(this.#status, { textContent: "Asking when samples were taken…", className: "visually-hidden" });
    try {
      const answer = await loadMoments(asked.href);
      if (this.#asked !== asked.href) return;
      this.#answer = { ...answer, cells: new HeatCells(answer) };
      this.#tell(words(answer, this.#state.ran));
      this.#offerCpus(answer);
    } catch (error) {
      if (this.#asked !== asked.href) return;
      this.#asked = "";
      this.#tell(`${error.message}. ${error.advice ?? ""} `);
      this.#status.append(element("button", { type: "button", onclick: () => this.#load(url) }, "Try again"));
    }
    this.#draw();
    this.dispatchEvent(new CustomEvent("answered"));
  }

  #offerCpus({ has_cpus: known, all_samples: all }) {
    const option = this.#rows.querySelector("[value=cpu]");
    option.disabled = !known && this.#state.heat !== "cpu";
    option.textContent = known || all === 0 ? "CPUs" : "CPUs: not known of these samples";
    option.title = known ? "" : "The profile was recorded before CPUs were kept";
  }

  #tell(text) {
    Object.assign(this.#status, { textContent: text, className: "dim" });
  }

  #draw() {
    const there = this.#answer !== null && this.#answer.all_samples > 0;
    // It has its room before it has its cells.
    this.#map.hidden = this.#answer !== null && !there;
    if (there) this.#map.show(this.#answer.cells, parseSpans(this.#state.at), parseSpans(this.#state.base));
  }

  #select(spans, add) {
    const before = add || this.#adds ? parseSpans(this.#state[this.#side]) : [];
    this.#change({ [this.#side]: formatSpans(joined([...before, ...spans])) }, "push");
  }

  #setSide(side) {
    this.#side = side;
    this.#offerAdd();
    this.#sides.forEach((button, i) => button.setAttribute("aria-pressed", String(["at", "base"][i] === side)));
  }

  #chip(side, span, index) {
    const text = `${side === "base" ? "A " : this.#state.base === "" ? "" : "B "}${spanText(span)}`;
    const remove = () => this.#change({ [side]: formatSpans(parseSpans(this.#state[side]).toSpliced(index, 1)) }, "push");
    return element("li", { class: side }, text, element("button", { type: "button", "aria-label": `Remove ${text}`, onclick: remove }, "×"));
  }

  /** Two sides need both: what was selected first is what a baseline is compared with. */
  #change(change, how) {
    this.dispatchEvent(new CustomEvent("choose", { detail: { change, how } }));
  }
}

function words({ samples, all_samples: all, untimed }, ran) {
  if (all === 0) return "This profile has no times of its samples: it was uploaded, or recorded before they were kept. Record again to see when functions ran.";
  if (samples === 0 && ran !== "") return `No sample that has a time went through “${printable(ran).slice(0, 60)}”.`;
  const part = samples === all ? "" : `${share(samples, all)} of the samples. `;
  return untimed > 0 ? `${part}${share(untimed, untimed + all)} of all samples have no time and are not here.` : part.trim();
}

customElements.define("profile-moments", ProfileMoments);
