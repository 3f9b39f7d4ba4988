/** Everything that is text: labels, numbers, frames in words, quality, and the view state of the URL. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { details, sentence } from "../../static/js/core/describe.js";
import { amount, bytes, count, duration, share, value } from "../../static/js/core/format.js";
import { fit, origin, printable } from "../../static/js/core/labels.js";
import { costs, facts, headline, sections, verdict } from "../../static/js/core/quality.js";
import { format, parse } from "../../static/js/core/viewstate.js";
import { report, row, tree } from "./messages.js";

const plain = (text) => text.replaceAll("\u2009", " ");

test("a URL may group by everything that threads are labelled with, and by nothing else", () => {
  const group = (text) => parse(`?group=${text}`).group;
  assert.equal(group("container,comm"), "container,comm");
  assert.equal(group("unit,cgroup,unit,colour"), "unit,cgroup");
  assert.equal(parse("").group, null);
  assert.equal(format(parse("?group=container%2Cunit")), "?group=container%2Cunit");
});

test("labels are cut in the middle and keep both ends", () => {
  assert.equal(fit("ngx_http_process_request", 11), "ngx_h…quest");
  assert.equal(fit("main", 4), "main");
  assert.equal(fit("read", 2), "");
  assert.equal(fit("readv", 4), "", "a cut to four cells says nothing");
});

test("wide characters take two cells and none is torn", () => {
  assert.equal(fit("🔥🔥🔥🔥🔥🔥", 7), "🔥…🔥");
  assert.equal(fit("日本", 4), "日本");
});

test("a label of 10,000 characters costs no more than its room", () => {
  assert.equal(fit("é".repeat(10_000), 9).length, 9);
});

test("names that would be empty or reorder their surroundings are made safe", () => {
  assert.equal(printable(""), "(no name)");
  assert.equal(printable("\u202egnp.exe\u0000"), "\ufffdgnp.exe\ufffd");
  assert.equal(printable("שלום"), "שלום");
});

test("where a frame is from: file and line before module", () => {
  assert.equal(origin({ module: "libc.so.6", file: "", line: 0 }), "libc.so.6");
  assert.equal(origin({ module: "", file: "a.py", line: 7 }), "a.py:7");
});

test("nothing is rounded to a lie", () => {
  assert.deepEqual([share(0, 10), share(1, 100_000), share(99_999, 100_000), share(10, 10), share(124, 1000), share(1, 0)].map(plain), ["0 %", "<0.1 %", ">99.9 %", "100 %", "12.4 %", "– %"]);
});

test("numbers are grouped, durations and bytes have units that suit", () => {
  assert.deepEqual([count(2966), count(7), count(9007199254740991)].map(plain), ["2 966", "7", "9 007 199 254 740 991"]);
  assert.deepEqual([duration(0), duration(1_240_000_000), duration(999_000), duration(125e9), duration(7260e9)].map(plain), ["0 s", "1.24 s", "999 µs", "2 min 5 s", "2 h 1 min"]);
  assert.deepEqual([bytes(0), bytes(1536), bytes(1023.5 * 1024)].map(plain), ["0 B", "1.50 KiB", "1 024 KiB"]);
  assert.deepEqual([value(1, "samples"), value(2, "samples"), value(5e6, "nanoseconds")].map(plain), ["1 sample", "2 samples", "5 ms"]);
});

test("a frame in words says of what each share is", () => {
  const sample = tree("main 0\n  read 25\nidle 75", { kinds: { read: 2 }, modules: { read: "[kernel]" }, cuts: [[2, 100, 7]] });
  const d = details(sample, 2, 1);
  assert.deepEqual([d.name, d.origin, d.kind, d.ofAll, d.selfOfAll, d.ofZoom].map(plain), ["read", "[kernel]", "kernel", "62.5 %", "12.5 %", "100 %"]);
  assert.match(plain(d.cut), /7 smaller callees with 50.0 %/);
  assert.match(plain(sentence(sample, 3, 0)), /^idle, native, total 37.5 %, self 37.5 %, 75 samples, row 2$/);
});

const troubled = report({
  samples: 1000, whole: 930, lost: 60, unknown: 3,
  lost_rows: [row("ring full", 60, { advice: "The host was very busy." })],
  cut_rows: [row("too deep", 10)],
  unknown_rows: [row("libx.so", 3)],
  cost: { agent_cpu_ns: 2e7, bpf_ns: 1e7, cpu_share: 0.003, bpf_ns_per_sample: 10_000, agent_rss_bytes: 80 * 2 ** 20, requested_ns: 1e7, mean_ns: 1e7 },
});

test("one honest sentence comes first", () => {
  assert.equal(plain(headline(troubled)), "93.0 % of 1 000 samples are whole");
  assert.equal(plain(headline(report({ samples: 12_340, whole: 12_339 }))), ">99.9 % of 12 340 samples are whole");
  assert.equal(plain(headline(report({ samples: 7 }))), "7 samples"); // the file does not tell how stacks ended
  assert.equal(plain(headline(report({ whole: 0 }))), "0 samples");
});

test("the trust line counts what was lost, cut and unnamed, and grades it", () => {
  const list = facts(troubled);
  assert.deepEqual(list.map((fact) => [plain(fact.text), fact.state]), [
    ["60 lost", "bad"],
    ["1.0 % cut", "warn"],
    ["0.3 % without a name", "good"],
    ["cost 0.3 % of a CPU", "good"],
  ]);
  assert.equal(verdict(list).word, "Read with care");
  assert.equal(verdict(facts(report({ samples: 9, whole: 9 }))).word, "Trustworthy");
});

test("a rate that was lowered is told, and what it means for the values", () => {
  const slow = report({ samples: 10, whole: 10, cost: { requested_ns: 10_101_010, mean_ns: 20_202_020 } });
  const fact = facts(slow).find(({ key }) => key === "rate");
  assert.deepEqual([plain(fact.text), fact.state], ["rate lowered to 49.5 Hz", "warn"]);
  assert.match(fact.title, /99/);
  assert.match(costs(slow)[0].note, /each sample weighs as much more/);
});

test("the reasons stand in tables, those without any left out", () => {
  assert.deepEqual(sections(troubled).map(({ key, rows, of }) => [key, rows.length, of]), [["cut", 1, 1000], ["unknown", 1, 1000], ["lost", 1, 1000]]);
  assert.deepEqual(sections(report({ samples: 5, whole: 5 })), []);
});

test("what would show more comes first", () => {
  const hinted = report({ samples: 1000, hint_rows: [row("start Node.js with --perf-basic-prof", 250)], runtime_rows: [row("python: whole", 700)], skipped_rows: [row("truncated", 2)] });
  assert.deepEqual(sections(hinted).map(({ key, of }) => [key, of]), [["hints", 1000], ["runtimes", 1000], ["skipped", 0]]);
});

test("what it cost is told by sample, by recording and in memory", () => {
  assert.deepEqual(costs(troubled).map(({ term, text }) => [term, plain(text)]), [["Agent", "20 ms of CPU"], ["In the kernel", "10 µs a sample"], ["Memory", "80 MiB"]]);
  assert.deepEqual(costs(report()), []);
  const first = report({ ...troubled, cut_rows: [row("file not parsed yet", 10)] });
  assert.match(costs(first)[0].note, /not met: that is done once$/);
  assert.doesNotMatch(costs(troubled)[0].note, /once/);
});

test("what is counted of a probe are events, not samples", () => {
  const waits = report({ samples: 13, whole: 13, noun: "events", cost: { bpf_ns: 1300, bpf_ns_per_sample: 100 } });
  assert.equal(plain(headline(waits)), "100 % of 13 events are whole");
  assert.equal(plain(costs(waits)[0].text), "100 ns an event");
  const lost = report({ ...troubled, noun: "events" });
  assert.deepEqual(sections(lost).map(({ title, noun }) => [title, noun]).at(-1), ["Lost events", "Events"]);
  assert.match(facts(lost)[0].title, /of all events have no stack/);
});

test("the same view has the same address, whatever was set first", () => {
  const view = { ...parse(""), q: "x", fuzzy: true };
  for (const search of ["", "?find=fuzzy", "?find=fuzzy&q=y", "?q=x&find=fuzzy"]) assert.equal(format(view, search), "?q=x&find=fuzzy");
});

test("the view state goes through the URL and back, defaults left out", () => {
  const state = { view: "flame", zoom: "a;b c&d", q: "^x+$", pins: "a;b\nc", fuzzy: true, color: "hot", group: "comm,pid", stacks: "whole", change: "absolute", show: "table", trail: "hide=a\\\\b\ninvert", fn: "=a;b", sort: "-name", heat: "thread", at: "0-1\n2.5-3", base: "7-8", ran: "main", time: "1.5-2", lane: "web 7" };
  assert.deepEqual(parse(format(state)), state);
  assert.equal(format(parse("")), "");
  assert.deepEqual(parse(format({ ...parse(""), group: "" })).group, "");
});

test("what we can't read falls back, what isn't ours stays", () => {
  assert.deepEqual(parse("?view=spiral&show=pie&color=&group=pid,gid,pid"), { view: "icicle", zoom: "", q: "", pins: "", fuzzy: false, color: "kind", group: "pid", stacks: "all", change: "relative", show: "graph", trail: "", fn: "", sort: "", heat: "", at: "", base: "", ran: "", time: "", lane: "" });
  assert.equal(format(parse("?tab=2&q=x"), "?tab=2&q=x"), "?tab=2&q=x");
  assert.equal(format({ ...parse(""), q: "" }, "?tab=2&q=x"), "?tab=2");
});

test("time is never a bare number, also where its unit stands beside it", () => {
  assert.equal(amount(52_960e9, "nanoseconds"), "14\u2009h 42\u2009min");
  assert.equal(amount(52_960, "samples"), "52\u2009960");
  assert.equal(amount(2048, "bytes"), "2\u2009KiB");
});
