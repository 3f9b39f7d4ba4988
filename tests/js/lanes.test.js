/** A host's lanes without a page: windows that move, gaps, numbers, addresses. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CounterData, added, combined } from "../../static/js/core/counter-data.js";
import { courseOf, functionLane } from "../../static/js/core/function-lane.js";
import { HOST_LANES, partsOf } from "../../static/js/core/host-lanes.js";
import { laneText, momentWords, tableRows } from "../../static/js/core/lane-numbers.js";
import { areaPath, linePath, runs, stacked, topOf } from "../../static/js/core/lane-paths.js";
import { countersQuery, format, parse, treeQuery } from "../../static/js/core/lanes-state.js";
import { columnAt, columnsOn, heatQuery } from "../../static/js/core/sample-heat.js";

const THIN = "\u2009";
const answer = (begin, columns, more = {}) => ({ begin_s: begin, step_s: 1, names: Object.keys(columns), values: Object.values(columns), lost_s: 0, ...more });
const lane = (id) => HOST_LANES.find((one) => one.id === id);

test("a window moves on and keeps what is in it; what comes late is taken in", () => {
  const data = new CounterData(answer(100, { "vm.faults": [1, 2, null, 4] }));
  assert.deepEqual([data.begin, data.end, data.knownUntil], [100_000, 104_000, 104_000]);
  data.moveTo(106_000);
  assert.deepEqual(data.get("vm.faults"), [null, 4, null, null]);
  assert.equal(data.knownUntil, 104_000);
  data.put(answer(101, { "vm.faults": [9, 3, null, 5], "load.1": [1, 1, 1, 1] }));
  assert.deepEqual(data.get("vm.faults"), [3, 4, 5, null]);
  assert.deepEqual(data.get("load.1"), [1, 1, 1, null]);
  data.moveTo(200_000);
  assert.equal(data.empty, true);
  assert.deepEqual(data.get("vm.faults"), [null, null, null, null]);
});

test("what an agent lost is never forgotten by a later answer", () => {
  const data = new CounterData(answer(100, { "vm.faults": [1] }, { lost_s: 7 }));
  data.put(answer(100, { "vm.faults": [1] }));
  assert.equal(data.lost, 7);
});

test("sums are of what is known, results of all that they need", () => {
  assert.deepEqual(added([1, null, null], [2, 3, null]), [3, 3, null]);
  assert.deepEqual(added(), []);
  assert.deepEqual(combined((a, b) => a / b, [6, 1, null], [2, 0, 1]), [3, null, null]);
});

test("shares of the CPU are of all kinds, and unknown where one is not known", () => {
  const kinds = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
  const columns = Object.fromEntries(kinds.map((kind, i) => [`cpu.${kind}`, [[30, 10, 5, 40, 10, 3, 2, 0][i] * 1e7, 0, null]]));
  const parts = partsOf(lane("cpu"), new CounterData(answer(0, columns)));
  assert.deepEqual(parts.map(({ values }) => values), [[40, null, null], [10, null, null], [10, null, null], [0, null, null]]);
});

test("disks that others are made of do not count twice, and networks without the loopback", () => {
  const data = new CounterData(answer(0, {
    "disk.read_bytes:vda": [5], "disk.read_bytes:dm-0": [5], "disk.read_bytes:md127": [5], "disk.write_bytes:vda": [0],
    "net.rx_bytes:eth0": [3], "net.rx_bytes:lo": [100], "net.tx_bytes:eth0": [1],
    "disk.io_ns:vda": [6e6], "disk.reads:vda": [2], "disk.writes:vda": [1],
  }));
  assert.deepEqual(partsOf(lane("disk"), data).map(({ name, values }) => [name, values]), [["read", [5]], ["written", [0]]]);
  assert.deepEqual(partsOf(lane("network"), data).map(({ values }) => values), [[3], [1], [100]]);
  assert.deepEqual(partsOf(lane("disk-wait"), data).map(({ name, values }) => [name, values]), [["vda", [2e6]]]);
});

test("a lane of which nothing is known has nothing to show, whatever it is", () => {
  const nothing = new CounterData(answer(0, { "udp.errors": [1, 2] }));
  for (const one of HOST_LANES) {
    assert.deepEqual(partsOf(one, nothing), [], one.id);
    assert.ok(topOf(one, [], nothing) > 0, one.id);
  }
});

test("every lane has a name of its own, says of what its numbers are, and at most four parts beside devices", () => {
  assert.equal(new Set(HOST_LANES.map(({ id }) => id)).size, HOST_LANES.length);
  for (const { id, about, unit, shape } of HOST_LANES) {
    assert.ok(about.length > 10, id);
    assert.ok(["percent", "bytes", "bytes/s", "/s", "ns", "number"].includes(unit), id);
    assert.ok(["stack", "lines"].includes(shape), id);
  }
});

test("gaps are gaps: nothing is drawn over them", () => {
  assert.deepEqual(runs([null, 1, 2, null, 3]), [[1, 3], [4, 5]]);
  assert.deepEqual(runs([null, null]), []);
  assert.equal(linePath([1, 1, 0, null, 0.5], 1), "M0 0H2V1000H3M4 500H5");
  assert.equal(linePath([null], 1), "");
});

test("a stack stands on what is below it, and is unknown where a part is", () => {
  const parts = [{ values: [1, 2, null] }, { values: [1, null, 1] }];
  assert.deepEqual(stacked(parts), [{ low: [0, null, null], high: [1, null, null] }, { low: [1, null, null], high: [2, null, null] }]);
  const [layer] = stacked([{ values: [1, 0.5, 0.5] }]);
  assert.equal(areaPath(layer, 1), "M0 0H1V500H3V1000H0z");
});

test("what is more than the axis goes to its end and no further", () => {
  assert.equal(linePath([5], 1), "M0 0H1");
});

test("an axis goes to a round number, and little does not look like much", () => {
  const parts = [{ values: [0.3, null] }];
  assert.equal(topOf({ shape: "lines", least: 5 }, parts, null), 5);
  assert.equal(topOf({ shape: "lines" }, [{ values: [17, 3] }], null), 20);
  assert.equal(topOf({ shape: "lines", unit: "bytes/s" }, [{ values: [17 * 2 ** 20 + 1] }], null), 20 * 2 ** 20);
  assert.equal(topOf({ shape: "lines", unit: "bytes/s", least: 1024 }, [{ values: [0] }], null), 1024);
  assert.equal(topOf({ shape: "stack" }, [{ values: [17] }, { values: [10] }], null), 30);
});

test("numbers have units and are not rounded to a lie", () => {
  assert.deepEqual(
    [[0.04, "percent"], [0, "percent"], [12.34, "percent"], [100, "percent"], [2048, "bytes/s"], [0.004, "/s"], [12345.6, "/s"], [3.14159, "number"], [1.5e6, "ns"], [null, "/s"]].map((one) => laneText(...one)),
    [`<0.1${THIN}%`, `0${THIN}%`, `12.3${THIN}%`, `100${THIN}%`, `2${THIN}KiB/s`, "<0.01/s", `12${THIN}346/s`, "3.14", `1.50${THIN}ms`, "–"],
  );
});

test("the table says of a range what is known of it", () => {
  const shown = [{ lane: { title: "Page faults", unit: "/s" }, parts: [{ name: "all", values: [1, null, 5, 100] }] }];
  assert.deepEqual(tableRows(shown, 0, 3), [{ lane: "Page faults", part: "all", known: 2, last: "5/s", mean: "3/s", least: "1/s", most: "5/s" }]);
  assert.deepEqual(tableRows(shown, 1, 2), [{ lane: "Page faults", part: "all", known: 0, last: "–", mean: "–", least: "–", most: "–" }]);
  assert.equal(momentWords(shown, 2), "Page faults: all 5/s");
  assert.equal(momentWords(shown, 1), "");
});

const NONE = { events: [], histograms: [], processes: [], feed: "", frame: null };

test("the address has the range, the part and the lanes, and leaves what is another's", () => {
  const state = {
    range: { begin: 1e12, end: 1e12 + 60_000 }, part: { begin: 1e12 + 1000, end: 1e12 + 2500 }, events: ["signals", "execs"],
    histograms: ["run_queue_latency"], processes: ["page_cache"], feed: "execs", frame: { name: "operator()<a, b>", module: "lib&c.so" },
  };
  const text = format(state, "?q=main&last=1h");
  assert.deepEqual(parse(text), state);
  assert.match(text, /events=signals,execs/);
  assert.equal(new URLSearchParams(text).get("q"), "main");
  assert.equal(format({ ...NONE, range: { last: "15m" }, part: null }, text), "?q=main");
  assert.deepEqual(parse("?last=6h&since=never&from=3"), { ...NONE, range: { last: "6h" }, part: null });
  assert.deepEqual(parse("?last=soon"), { ...NONE, range: { last: "15m" }, part: null });
});

test("lanes that an address asks for are names, each once, and no more than an agent is asked for", () => {
  assert.deepEqual(parse("?events=a,a,<b>,,../x").events, ["a"]);
  const names = Array.from({ length: 7 }, (_, i) => `p${i}`);
  const state = parse(`?events=${names}&histograms=q0,q1&processes=r0`);
  assert.deepEqual([state.events.length, state.histograms, state.processes], [7, ["q0"], []]);
});

test("questions are of exactly the range; stacks by samples' own times where these are kept", () => {
  const part = { begin: 1e12, end: 1e12 + 7000 };
  assert.equal(countersQuery(part, { step: 2000 }), "counters?since=2001-09-09T01%3A46%3A40Z&until=2001-09-09T01%3A46%3A47Z&step_s=2");
  assert.match(treeQuery('host="a"', part, part.end), /since=2001-09-09T01%3A46%3A40Z&until=2001-09-09T01%3A46%3A47Z&selector=host%3D%22a%22&timed=true$/);
  assert.doesNotMatch(treeQuery("", part, part.end + 3 * 86_400_000), /timed/);
  assert.doesNotMatch(treeQuery("", { begin: 0, end: 3600_000 }, 3600_000), /timed/);
});

test("a selected function is drawn by its share of a CPU, and not at all where it is none of the largest", () => {
  const functions = { begin_ms: 10_000, step_ms: 10_000, functions: [{ name: "main", module: "web", total: [5e9, 1e10, 0, 0] }, { name: "main", module: "db", total: [1, 1, 0, 7] }] };
  const course = courseOf(functions, { name: "main", module: "web" });
  assert.equal(courseOf(functions, { name: "main", module: "other" }), null);
  const data = { begin: 6000, step: 8000, steps: 5 };
  assert.deepEqual(functionLane(() => course).parts(data).map(({ name, values }) => [name, values]), [["main", [50, 50, 100, null, 0]]]);
  assert.deepEqual(functionLane(() => null).parts(data), []);
});

test("columns of samples stand where their time is on the axis, and are counted by its steps", () => {
  const heat = { start_ns: 10e9, column_ns: 1e9, rows: 2, counts: [[1, 2], [0, 4], [8, 0], [16, 0]] };
  const axis = { begin: 11_000, step: 2000, steps: 2 };
  assert.deepEqual(columnsOn(heat, axis), [{ counts: [0, 4], left: 0, right: 0.25 }, { counts: [8, 0], left: 0.25, right: 0.5 }, { counts: [16, 0], left: 0.5, right: 0.75 }]);
  assert.deepEqual([0, 1].map((step) => columnAt(heat, axis, step)), [12, 16]);
  assert.equal(columnAt(heat, { begin: 0, step: 1000 }, 3), 0);
  assert.equal(columnAt({ ...heat, column_ns: 10e9, counts: [[7, 0]] }, { begin: 10_000, step: 1000 }, 5), 7);
  assert.equal(heatQuery("", { begin: 0, end: 2 * 86_400_000 }), null);
  assert.match(heatQuery("", { begin: 0, end: 3600_000 }), /column_ms=4000$/);
});
