/** The page's own colours as numbers, for what draws itself. */

import { element } from "./element.js";

/** @param {HTMLElement} place whose theme it is  @param {Object<string, string>} wanted CSS colours by name  @returns {Object<string, string>} as `rgb(…)` */
export function pageColors(place, wanted) {
  const probe = element("span", { hidden: true });
  place.append(probe);
  const found = Object.fromEntries(Object.entries(wanted).map(([name, value]) => {
    probe.style.color = value;
    return [name, getComputedStyle(probe).color];
  }));
  probe.remove();
  return found;
}
