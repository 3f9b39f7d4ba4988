/** Mouse, pen and touch on the flame graph: hover, click, drag, wheel and pinch, as calls on the graph. */

const DRAG_PX = 4;
// One notch of a usual wheel (100 px) zooms by a third; a pinch on a touchpad comes as small steps with Ctrl.
const WHEEL_RATE = 0.003;
const PINCH_RATE = 0.01;
const LINE_PX = 16;
/** A finger that stays this long asks what is there; a tap zooms. */
const LONG_PRESS_MS = 450;
// A wheel that has just zoomed out to everything must not begin to scroll the page in the same movement.
const WHEEL_PAUSE_MS = 400;

/** @param {HTMLCanvasElement} canvas  @param {HTMLElement} graph  a <flame-graph> */
export function listenToPointers(canvas, graph) {
  new Drag(canvas, graph);
  listenToWheel(canvas, graph);
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch" && event.buttons === 0) graph.hoverAt(event.clientX, event.clientY);
  });
  // A finger always leaves; what it asked about stays told.
  canvas.addEventListener("pointerleave", ({ pointerType }) => pointerType !== "touch" && graph.hoverAt(null, null));
}

/** One pointer pans, two pinch; a press that does not move is a click. */
class Drag {
  #pointers = new Map();
  #moved = false;
  #pressed = 0;

  constructor(canvas, graph) {
    this.canvas = canvas;
    this.graph = graph;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => this.#up(event));
    canvas.addEventListener("click", (event) => this.#click(event));
    canvas.addEventListener("contextmenu", (event) => event.pointerType === "touch" && event.preventDefault());
  }

  #down(event) {
    if (event.button !== 0) return;
    if (this.#pointers.size === 0) this.#moved = false;
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, fromX: event.clientX, fromY: event.clientY });
    clearTimeout(this.#pressed);
    if (event.pointerType === "touch" && this.#pointers.size === 1) this.#pressed = setTimeout(() => this.#stay(event), LONG_PRESS_MS);
  }

  /** Told below the graph, where no finger covers it. */
  #stay({ clientX, clientY }) {
    if (this.#moved || this.#pointers.size !== 1) return;
    this.#moved = true;
    this.graph.hoverAt(clientX, clientY);
  }

  #move(event) {
    const last = this.#pointers.get(event.pointerId);
    if (!last) return;
    if (!this.#moved && Math.hypot(event.clientX - last.fromX, event.clientY - last.fromY) < DRAG_PX) return;
    if (!this.#moved) this.#begin(event);
    const before = this.#span();
    const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
    Object.assign(last, { x: event.clientX, y: event.clientY });
    const width = this.canvas.clientWidth;
    if (this.#pointers.size === 1) return this.graph.pan(-dx / width, event.pointerType === "touch" ? 0 : -dy);
    const after = this.#span();
    this.graph.zoomBy(before.width / after.width, (after.centre - this.canvas.getBoundingClientRect().left) / width);
    this.graph.pan((before.centre - after.centre) / width, 0);
  }

  #begin(event) {
    this.#moved = true;
    this.canvas.setPointerCapture(event.pointerId);
    this.graph.hoverAt(null, null);
    this.canvas.classList.add("dragging");
  }

  /** Width (never zero) and centre of the pressed pointers. */
  #span() {
    const xs = [...this.#pointers.values()].map(({ x }) => x);
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    return { width: Math.max(20, right - left), centre: (left + right) / 2 };
  }

  #up(event) {
    clearTimeout(this.#pressed);
    this.#pointers.delete(event.pointerId);
    if (this.#pointers.size === 0) this.canvas.classList.remove("dragging");
  }

  #click(event) {
    if (this.#moved && event.detail > 0) return;
    this.graph.clickAt(event.clientX, event.clientY);
  }
}

function listenToWheel(canvas, graph) {
  let lastZoom = -Infinity;
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (event.altKey || graph.tree === null) return;
      const { x, y } = inPixels(event, canvas);
      const outAtWhole = y > 0 && graph.showsWhole && !event.ctrlKey && Math.abs(y) >= Math.abs(x);
      if (outAtWhole && event.timeStamp - lastZoom > WHEEL_PAUSE_MS) return;
      event.preventDefault();
      lastZoom = event.timeStamp;
      const { left, width } = canvas.getBoundingClientRect();
      if (event.shiftKey || Math.abs(x) > Math.abs(y)) graph.pan((x || y) / width, 0);
      else graph.zoomBy(Math.exp(y * (event.ctrlKey ? PINCH_RATE : WHEEL_RATE)), (event.clientX - left) / width);
    },
    { passive: false },
  );
}

function inPixels(event, canvas) {
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? canvas.clientHeight : event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
  return { x: event.deltaX * unit, y: event.deltaY * unit };
}
