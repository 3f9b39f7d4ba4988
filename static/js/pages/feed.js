/** A feed's page: events come over a socket; the title says how it goes. */

import { EventRecord } from "../core/event-record.js";
import { heldWords } from "../core/event-words.js";
import { decodeEvents } from "../core/feed-wire.js";
import { count } from "../core/format.js";
import { formatState, parseState } from "../core/feed-state.js";
import { clock } from "../core/time-range.js";
import { element } from "../ui/element.js";
import "../ui/feed-view.js";
import { FeedWatch } from "../ui/feed-watch.js";
import { heldEvents } from "../ui/held-events.js";

const RATE_MS = 1000;
/** What is shown around a moment, before it and after it. */
const AROUND_MS = 60_000;
const data = document.querySelector("#feed-now");
if (data) watch(JSON.parse(data.textContent));

function watch(now) {
  const view = document.querySelector("feed-view");
  const pause = document.querySelector("#feed-pause");
  view.begin(now);
  if (view.at !== null) return showPast(view, now);
  new FeedWatch("feed", now, {
    receive: (buffer) => view.receive(buffer),
    connected: () => view.connected(),
    hear: (told) => told.type === "feed.dropped" && view.dropped(told),
  });

  pause.addEventListener("click", () => (view.paused ? view.resume() : view.pause()));
  view.addEventListener("pause", () => showPause(view, pause));
  view.addEventListener("drawn", () => showPause(view, pause));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "p" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    pause.click();
  });
  keepRate(view);
  keepStateOnSubmit(now.fields);
}

/** Of a time that is over: nothing is watched for it. */
async function showPast(view, now) {
  const watchNow = document.querySelector("#feed-pause");
  watchNow.textContent = "Watch now";
  watchNow.title = "Leave this time, and see what comes";
  watchNow.addEventListener("click", () => location.assign(location.pathname + formatState({ ...parseState(location.search, now.fields), at: null }, location.search)));
  const state = document.querySelector("#feed-state");
  Object.assign(state, { className: "state off", textContent: "stands still" });
  keepStateOnSubmit(now.fields);
  try {
    const { messages, cut } = await heldEvents(now.host, now.probe, { begin: view.at - AROUND_MS, end: view.at + AROUND_MS }, now.values);
    const batches = messages.map(decodeEvents);
    view.showPast(batches);
    say(`The minute before ${clock(view.at, 0)} and the one after it: ${heldText(batches, { begin: view.at - AROUND_MS, end: view.at + AROUND_MS }, cut)}`);
  } catch (error) {
    say(error.message);
  }
}

function heldText(batches, part, cut) {
  const record = new EventRecord();
  for (const batch of batches) record.add(batch, 1);
  return `${heldWords({ events: record.events, known: record.known(part), part, letGo: record.letGo, cut }).join(". ")}.`;
}

function say(text) {
  const place = document.querySelector("#feed-message");
  if (place.textContent !== text) place.textContent = text;
  place.hidden = text === "";
}

function showPause(view, button) {
  const text = view.paused ? `Resume (${count(view.meanwhile)} new)` : "Pause";
  if (button.textContent !== text) button.textContent = text;
  button.classList.toggle("primary", view.paused);
}

/** Events that came in the last second or two. */
function keepRate(view) {
  let before = { at: performance.now(), came: view.came };
  setInterval(() => {
    const now = { at: performance.now(), came: view.came };
    const rate = Math.round((1000 * (now.came - before.came)) / (now.at - before.at));
    document.querySelector("#feed-rate").textContent = `${count(rate)} events/s`;
    before = now;
  }, RATE_MS);
}

/** Filters on the host change, those on the page stay. */
function keepStateOnSubmit(fields) {
  const form = document.querySelector(".feed-parameters");
  form?.addEventListener("submit", () => {
    const kept = new URLSearchParams(formatState(parseState(location.search, fields), ""));
    form.append(...[...kept].map(([name, value]) => element("input", { type: "hidden", name, value })));
  });
}
