/**
 * `<time datetime>`: text in the reader's zone, relative beside absolute, UTC on hover.
 * `data-show="relative"` shows only the distance; the absolute times are then in the title.
 */

import { local, relative, utc } from "../core/moment.js";
import { whenIdle } from "./idle.js";

const REFRESH_MS = 1000;

/** Enhances every `<time>` under `root`, soon and as time passes: until then they are in UTC, as the server wrote them. @param {ParentNode} root */
export function keepTimesFresh(root) {
  // A browser takes 10 ms to learn a zone's rules.
  whenIdle(() => showTimes(root));
  setInterval(() => document.hidden || showTimes(root), REFRESH_MS);
}

/** Once, for elements that were just added. @param {ParentNode} root */
export function showTimes(root) {
  root.querySelectorAll("time[datetime]").forEach(showTime);
}

function showTime(element) {
  const date = new Date(element.dateTime);
  if (Number.isNaN(date.getTime())) return;
  const now = Date.now();
  const distance = relative(date.getTime(), now);
  const absolute = local(date, now);
  const short = element.dataset.show === "relative";
  const text = short ? distance : `${absolute}, ${distance}`;
  const title = short ? `${absolute} (${utc(date)})` : utc(date);
  if (element.textContent !== text) element.textContent = text;
  if (element.title !== title) element.title = title;
}
