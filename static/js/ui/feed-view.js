/** `<feed-view>`: events as they come, with all that is done to them on the page. Its state is the URL (core/feed-state.js). */

import { parseClock } from "../core/feed-cells.js";
import { csvOf, jsonOf } from "../core/feed-export.js";
import { parseFilter } from "../core/feed-filter.js";
import { FollowedProcess } from "../core/feed-follow.js";
import { FeedLosses } from "../core/feed-losses.js";
import { FeedRows } from "../core/feed-rows.js";
import { formatState, parseState } from "../core/feed-state.js";
import { FeedStore } from "../core/feed-store.js";
import { decodeEvents } from "../core/feed-wire.js";
import { element } from "./element.js";
import "./feed-detail.js";
import "./feed-table.js";
import "./feed-tools.js";
import { saveText } from "./save-text.js";

/** Nobody reads faster, and drawing must leave time for what comes. */
const DRAW_MS = 100;

export class FeedView extends HTMLElement {
  #of = { host: "", probe: "", fields: [], record: null };
  #state = { filters: {}, hidden: [], pid: null, at: null };
  #store = new FeedStore();
  #rows = new FeedRows();
  #losses = new FeedLosses();
  #followed = null;
  /** While paused: the batches that are looked at, and what had come until then. */
  #held = null;
  #sort = { field: null, reversed: false };
  #gone = 0;
  #drawing = false;
  #drawn = 0;
  #tools = element("feed-tools");
  #table = element("feed-table");
  #detail = element("feed-detail", { hidden: true });
  #empty = element("p", { class: "feed-empty", role: "status", hidden: true });

  connectedCallback() {
    if (this.childElementCount > 0) return;
    this.append(this.#tools, element("div", { class: "feed-place" }, this.#table, this.#empty), this.#detail);
    const on = (source, name, act) => source.addEventListener(name, ({ detail }) => act(detail));
    on(this.#table, "filter", ({ name, text }) => this.#change({ filters: { ...this.#state.filters, [name]: text } }));
    on(this.#table, "sort", ({ field }) => this.#sortBy(field));
    on(this.#table, "pick", () => this.#showDetail());
    on(this.#table, "leave", () => this.#showNumbers());
    on(this.#detail, "filter", ({ name, text }) => this.#change({ filters: { ...this.#state.filters, [name]: text } }, true));
    on(this.#detail, "follow", ({ pid }) => this.#change({ pid }));
    on(this.#tools, "follow", ({ pid }) => this.#change({ pid }));
    on(this.#tools, "clear", () => this.#change({ filters: {}, pid: null }, true));
    on(this.#tools, "columns", ({ hidden }) => this.#change({ hidden }));
    on(this.#tools, "newest", () => {
      this.#table.toNewest();
      this.#showNumbers();
    });
    on(this.#tools, "jump", ({ text }) => this.#jump(text));
    on(this.#tools, "save", ({ kind }) => this.#save(kind));
  }

  /** @param {{host: string, probe: string, fields: object[], record: string|null}} of */
  begin(of) {
    this.#of = of;
    this.#state = parseState(location.search, of.fields);
    this.#tools.showColumns(of.fields, this.#state.hidden);
    this.#showColumns();
    this.#refill();
  }

  get paused() {
    return this.#held !== null;
  }

  /** Events that ever came, and those that came since the pause. */
  get came() {
    return this.#store.came;
  }

  get meanwhile() {
    return this.#held ? this.#store.came - this.#held.came : 0;
  }

  connected() {
    this.#losses.connected();
  }

  dropped(sums) {
    this.#losses.dropped(sums);
    this.#schedule();
  }

  /** @param {ArrayBuffer} buffer a message of events */
  receive(buffer) {
    const batch = decodeEvents(buffer);
    if (!this.#losses.take(batch.header)) return;
    const gone = this.#store.add(batch);
    if (!this.#held) {
      this.#rows.add(batch);
      this.#gone += this.#rows.drop(gone);
    }
    this.#schedule();
  }

  /** The moment whose events are shown instead of those that come, Unix ms. */
  get at() {
    return this.#state.at;
  }

  /** What is held of the time around that moment. @param {import("../core/feed-wire.js").EventBatch[]} batches */
  showPast(batches) {
    for (const batch of batches) this.#store.add(batch);
    this.pause();
    this.#refill();
    const time = this.#of.fields.find(({ shows }) => shows === "time");
    if (this.#rows.length > 0) this.#table.reveal(this.#rows.firstSince(this.#state.at, time));
  }

  pause() {
    if (this.#held) return;
    this.#held = { batches: [...this.#store.batches], came: this.#store.came };
    this.#pauseChanged();
  }

  resume() {
    if (!this.#held) return;
    this.#held = null;
    this.#sort = { field: null, reversed: false };
    this.#table.markSorted("", false);
    this.#refill();
    this.#table.toNewest();
    this.#pauseChanged();
  }

  #pauseChanged() {
    this.dispatchEvent(new CustomEvent("pause"));
  }

  /** @param {Partial<import("../core/feed-state.js").FeedState>} changed  @param {boolean} [elsewhere] not typed in the table's filters */
  #change(changed, elsewhere = false) {
    this.#state = { ...this.#state, ...changed };
    history.replaceState(history.state, "", location.pathname + formatState(this.#state, location.search) + location.hash);
    if (changed.hidden) this.#showColumns();
    if (elsewhere) this.#table.setFilters(this.#state.filters);
    this.#refill();
  }

  #showColumns() {
    this.#table.showColumns(this.#of.fields.filter(({ name }) => !this.#state.hidden.includes(name)), this.#state.filters);
    this.#table.markSorted(this.#sort.field?.name ?? "", this.#sort.reversed);
  }

  /** All kept events again, after something else is to be shown of them. */
  #refill() {
    const { filters, pid } = this.#state;
    if ((this.#followed?.pid ?? null) !== pid) this.#followed = pid === null ? null : new FollowedProcess(pid, this.#of.fields);
    const parsed = this.#of.fields.map((field) => ({ field, ...parseFilter(filters[field.name] ?? "", field.shows) }));
    this.#rows.fill(this.#held?.batches ?? this.#store.batches, parsed.filter(({ test }) => test !== null), this.#followed);
    this.#rows.sort(this.#sort.field, this.#sort.reversed);
    this.#tools.showFollowed(this.#followed);
    this.#table.unpick();
    this.#showDetail();
    this.#gone = 0;
    this.#draw();
  }

  #sortBy(field) {
    const again = this.#sort.field === field;
    this.#sort = again && this.#sort.reversed ? { field: null, reversed: false } : { field, reversed: again };
    this.pause();
    this.#rows.sort(this.#sort.field, this.#sort.reversed);
    this.#table.markSorted(this.#sort.field?.name ?? "", this.#sort.reversed);
    this.#draw();
  }

  #jump(text) {
    const time = this.#of.fields.find(({ shows }) => shows === "time");
    if (this.#rows.length === 0 || !time) return;
    const last = this.#rows.at(this.#rows.length - 1);
    const at = parseClock(text, last.batch.value(time, last.row));
    if (at === null) return this.#tools.refuseJump("A time of day, such as 14:02 or 14:02:11.5");
    if (this.#rows.isSorted) this.#sortBy(this.#sort.field);
    this.pause();
    this.#table.reveal(this.#rows.firstSince(at, time));
    this.#table.focusRows();
  }

  /** What is shown when the button is pressed, whatever comes while the file is written. */
  #save(kind) {
    const { host, probe, fields } = this.#of;
    const rows = new FeedRows();
    const filters = this.#of.fields.map((field) => ({ field, ...parseFilter(this.#state.filters[field.name] ?? "", field.shows) }));
    const followed = this.#state.pid === null ? null : new FollowedProcess(this.#state.pid, fields);
    rows.fill([...(this.#held?.batches ?? this.#store.batches)], filters.filter(({ test }) => test !== null), followed);
    return saveText(kind === "csv" ? csvOf(rows, fields) : jsonOf(rows, fields), `${host}-${probe}.${kind}`);
  }

  #schedule() {
    if (this.#drawing) return;
    this.#drawing = true;
    const wait = Math.max(0, this.#drawn + DRAW_MS - performance.now());
    setTimeout(() => requestAnimationFrame(() => this.#draw()), wait);
  }

  #draw() {
    this.#drawing = false;
    this.#drawn = performance.now();
    const gone = this.#gone;
    this.#gone = 0;
    this.#table.show(this.#rows, gone);
    this.#showNumbers();
    // Of a time that is over the page says what is missing.
    if (this.#state.at === null) this.#tools.showLosses(this.#losses.rows(this.#store.letGo, this.#store.maxEvents), this.#losses.total);
    this.dispatchEvent(new CustomEvent("drawn", { detail: { came: this.#store.came } }));
  }

  #showNumbers() {
    const kept = this.#held ? this.#held.batches.reduce((sum, { length }) => sum + length, 0) : this.#store.kept;
    const filtered = this.#state.pid !== null || Object.values(this.#state.filters).some((text) => text.trim() !== "");
    const shown = this.#rows.length;
    this.#tools.showNumbers({ shown, kept, filtered, away: !this.#held && !this.#table.atNewest });
    const words = shown > 0 ? "" : kept > 0 ? "No event that is kept fits the filters." : "No events yet. They show up here as they happen.";
    this.#empty.hidden = words === "";
    if (this.#empty.textContent !== words) this.#empty.textContent = words;
  }

  #showDetail() {
    const index = this.#table.picked;
    this.#detail.show(index < 0 ? null : this.#rows.at(index), this.#of.fields, this.#of);
  }
}

customElements.define("feed-view", FeedView);
