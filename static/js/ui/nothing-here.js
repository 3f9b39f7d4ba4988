/** What stands in the place of an empty graph on the explore page: where there is data, or how to get some. */

import { rangeText, span } from "../core/time-range.js";
import { relative } from "../core/moment.js";
import { element } from "./element.js";

/**
 * @param {{first_ms: number|null, last_ms: number|null}|null} extent when the selector has profiles; null: not known yet
 * @param {{selector: string, length: number, recordUrl: string, onShow: (range: {begin: number, end: number}) => void, onEverything: () => void}} of
 */
export function nothingHere(extent, { selector, length, recordUrl, onShow, onEverything }) {
  const box = (...children) => element("div", { class: "profile-message", role: "status" }, ...children);
  const text = (words) => element("p", {}, words);
  if (extent === null) return box(element("h2", {}, "Nothing was recorded in this range"), text("Looking where there is something…"));
  if (extent.first_ms === null && selector === "") {
    return box(
      element("h2", {}, "Nothing has been recorded yet"),
      text("Every recording goes into the store and shows up here at once, apart by service. Record a host, or switch continuous profiling on."),
      element("a", { class: "button", href: recordUrl }, "Record"),
    );
  }
  if (extent.first_ms === null) {
    return box(element("h2", {}, "No profile fits this selector"), text("Not in this range, and not before it. Values are compared exactly; =~ takes an expression that fits the whole value."), element("button", { type: "button", onclick: onEverything }, "Show everything"));
  }
  const end = extent.last_ms;
  const begin = Math.max(extent.first_ms, end - length);
  return box(
    element("h2", {}, "Nothing was recorded in this range"),
    text(`There are profiles from ${rangeText({ begin: extent.first_ms, end })}; the last one began ${relative(end, Date.now())}.`),
    element("button", { type: "button", onclick: () => onShow({ begin, end }) }, `Show the last ${span(end - begin)} of them`),
  );
}
