/** Mouse and finger on `<time-lanes>`: a drag chooses a part, a press takes one step, twice clears. A finger that goes up or down scrolls the page. */

import { between } from "../core/timeline.js";

/** A finger or a mouse trembles by less. */
const MOVED_PX = 3;

/** @param {HTMLElement} body  @param {HTMLElement} over what is as wide as the axis  @param {HTMLElement} lanes the `<time-lanes>` of them */
export function listenToLanes(body, over, lanes) {
  let drag = null;

  const stepAt = ({ clientX }) => {
    const { left, width } = over.getBoundingClientRect();
    const share = (clientX - left) / width;
    const step = Math.floor(share * lanes.steps);
    return { step: Math.max(0, Math.min(lanes.steps - 1, step)), ms: lanes.momentAt(share), outside: clientX < left };
  };

  body.addEventListener("pointerdown", (event) => {
    const { step, outside } = stepAt(event);
    if (event.button !== 0 || lanes.steps === 0 || outside || event.target.closest("a, button")) return;
    lanes.hold();
    drag = { at: step, x: event.clientX, moved: false, before: lanes.brush, lane: event.target.closest("[data-lane]")?.dataset.lane };
    body.setPointerCapture(event.pointerId);
  });

  body.addEventListener("pointermove", (event) => {
    if (lanes.steps === 0) return;
    const { step, ms, outside } = stepAt(event);
    lanes.point(outside && drag === null ? -1 : step, ms);
    if (drag === null) return;
    drag.moved ||= Math.abs(event.clientX - drag.x) > MOVED_PX;
    if (drag.moved) lanes.choose(between(drag.at, step, lanes.steps), false);
  });

  body.addEventListener("pointerup", (event) => {
    if (drag === null) return;
    const { at, moved, lane } = drag;
    const { step, ms } = stepAt(event);
    drag = null;
    lanes.choose(between(at, moved ? step : at, lanes.steps), true, moved ? {} : { lane, at: ms });
  });

  body.addEventListener("pointercancel", () => {
    if (drag) lanes.choose(drag.before, false);
    drag = null;
  });
  body.addEventListener("pointerleave", () => drag === null && lanes.steps > 0 && lanes.point(-1));
  body.addEventListener("dblclick", () => lanes.choose(null, true));
}
