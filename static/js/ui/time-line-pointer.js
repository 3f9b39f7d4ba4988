/** Drags on `<time-line>`: a new brush over the bars, an edge, or all of it. A press without a drag takes the one step. */

import { between, shift } from "../core/timeline.js";

/** A finger or a mouse trembles by less. */
const MOVED_PX = 3;

/** @param {HTMLElement} plot  @param {HTMLElement} line the `<time-line>` of it */
export function listenToBrush(plot, line) {
  let drag = null;
  const stepAt = (clientX) => {
    const { left, width } = plot.getBoundingClientRect();
    return Math.max(0, Math.min(line.steps - 1, Math.floor(((clientX - left) / width) * line.steps)));
  };

  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || line.steps === 0) return;
    const step = stepAt(event.clientX);
    drag = { at: step, x: event.clientX, brush: line.brush, what: whatAt(event.target), moved: false };
    plot.setPointerCapture(event.pointerId);
  });

  plot.addEventListener("pointermove", (event) => {
    if (line.steps === 0) return;
    const step = stepAt(event.clientX);
    if (drag === null) {
      line.point(step);
      return;
    }
    drag.moved ||= Math.abs(event.clientX - drag.x) > MOVED_PX;
    if (drag.moved) line.choose(dragged(drag, step, line.steps), null);
  });

  plot.addEventListener("pointerup", (event) => {
    if (drag === null) return;
    const { at, moved, what } = drag;
    const brush = moved ? dragged(drag, stepAt(event.clientX), line.steps) : what === "bars" || what === "window" ? between(at, at, line.steps) : line.brush;
    drag = null;
    line.choose(brush, "step");
  });

  plot.addEventListener("pointercancel", () => {
    if (drag) line.choose(drag.brush, null);
    drag = null;
  });
  plot.addEventListener("pointerleave", () => drag === null && line.steps > 0 && line.point(-1));
  plot.addEventListener("dblclick", () => line.choose(null, "step"));
}

function whatAt(target) {
  return ["from", "to", "window"].find((name) => target.classList.contains(name)) ?? "bars";
}

function dragged({ at, brush, what }, step, steps) {
  const { from, to } = brush ?? { from: 0, to: steps };
  if (what === "window") return shift(brush, step - at, steps);
  if (what === "from") return between(Math.min(step, to - 1), to - 1, steps);
  if (what === "to") return between(from, Math.max(step, from), steps);
  return between(at, step, steps);
}
