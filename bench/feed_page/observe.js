// In the page before its own modules: when each event of a feed was drawn, and how long the page stood still.
window.observed = { latencies: [], blocks: [], came: 0, rows: 0 };
{
  const waiting = [];
  const Native = WebSocket;
  window.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => data instanceof ArrayBuffer && waiting.push(timesOf(data)));
    }
  };
  new PerformanceObserver((list) => observed.blocks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
  document.addEventListener("drawn", drawn, true);

  function timesOf(buffer) {
    const length = new DataView(buffer).getUint32(4, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
    const base = Math.ceil((8 + length) / 8) * 8;
    const { offset, length: count } = header.sections[0];
    return [...new Float64Array(buffer, base + offset, count)].map((ns) => header.base_s * 1000 + ns / 1e6);
  }

  // The event is heard in the frame that draws the rows.
  function drawn({ detail }) {
    const now = performance.timeOrigin + performance.now();
    for (const times of waiting.splice(0)) for (const at of times) observed.latencies.push(now - at);
    observed.came = detail.came;
    observed.rows = Math.max(observed.rows, document.querySelectorAll("feed-table tbody tr").length);
  }
}
