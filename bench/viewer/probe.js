// Runs before the page's own scripts. Counts draw calls and notes when each picture with new ones was on screen.
(() => {
  const probe = (window.__probe = { draws: 0, shown: [], longTasks: [], events: {} });
  const counted = [[CanvasRenderingContext2D, ["fillRect", "fillText", "putImageData"]], ...[WebGLRenderingContext, WebGL2RenderingContext].map((gl) => [gl, ["drawArrays", "drawElements"]])];
  for (const [{ prototype }, names] of counted) {
    for (const name of names) {
      const original = prototype[name];
      prototype[name] = function (...args) {
        probe.draws++;
        return original.apply(this, args);
      };
    }
  }
  for (const name of ["click", "keydown"]) addEventListener(name, (e) => (probe.events[name] = e.timeStamp), { capture: true });
  new PerformanceObserver((list) => probe.longTasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: "longtask" });
  // What was drawn before this frame began is on screen by now: it was painted at the end of the frame before.
  let seen = 0;
  let pending = false;
  // A message comes right after the frame; a timer might come after the next one.
  const after = new MessageChannel();
  after.port1.onmessage = () => {
    pending ||= probe.draws !== seen;
    seen = probe.draws;
  };
  const tick = () => {
    if (pending) probe.shown.push(performance.now());
    pending = false;
    after.port2.postMessage(null);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  // Pages say with `__flame.ready` when all of them is there.
  Object.defineProperty(window, "__flame", {
    configurable: true,
    set(value) {
      Object.defineProperty(window, "__flame", { value, writable: true });
      value.ready?.then(() => (probe.ready = performance.now()));
    },
  });
  probe.clear = () => Object.assign(probe, { shown: [], longTasks: [] });
  /** Times of the first and the last new picture, once nothing new was shown for `quiet` ms; rejects after `limit` ms. */
  probe.settled = (quiet, limit = 20_000) =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      const look = () => {
        const last = probe.shown.at(-1);
        if (performance.now() - began > limit) reject(new Error("no new picture was shown"));
        if (last !== undefined && performance.now() - last > quiet) resolve({ first: probe.shown[0], last });
        else setTimeout(look, 20);
      };
      look();
    });
})();
