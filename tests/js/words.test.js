/** Everything that is text: labels, numbers, frames in words, quality, and the view state of the URL. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { details, sentence } from "../../static/js/core/describe.js";
import { bytes, count, duration, share, value } from "../../static/js/core/format.js";
import { fit, origin, printable } from "../../static/js/core/labels.js";
import { causes, facts, verdict } from "../../static/js/core/quality.js";
import { format, parse } from "../../static/js/core/viewstate.js";
import { tree } from "./messages.js";

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
  assert.deepEqual([duration(0), duration(1_240_000_000), duration(999_000), duration(125e9), duration(7260e9)].map(plain), ["0 ns", "1.24 s", "999 µs", "2 min 5 s", "2 h 1 min"]);
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

const quality = { samples: 1000, lost: { "ring full": 60 }, outcomes: { end: 930, cut: 10 }, unknown: { "libx.so": 3 }, skipped: {}, agent_cpu_ns: 2e7, bpf_ns: 1e7 };

test("the trust line counts what was lost and grades it", () => {
  const list = facts(quality, 10e9);
  assert.deepEqual(list.map((fact) => [plain(fact.text), fact.state]), [
    ["1 000 samples", "good"],
    ["60 lost", "bad"],
    ["98.9 % whole stacks", "warn"],
    ["0.3 % unknown", "good"],
    ["cost 0.3 % of a CPU", "good"],
  ]);
  assert.equal(verdict(list).word, "Read with care");
});

test("causes are listed largest first, in plain words where we know them", () => {
  const [lost, walks, unknown] = causes(quality);
  assert.match(lost.rows[0].help, /host was very busy/);
  assert.deepEqual(walks.rows.map((row) => [row.cause, row.n, row.of]), [["end", 930, 940], ["cut", 10, 940]]);
  assert.equal(unknown.rows[0].cause, "libx.so");
});

test("what would show more comes first, with the share of samples that it is about", () => {
  const hint = "start Node.js with --perf-basic-prof";
  const [first, ...rest] = causes({ ...quality, runtimes: { "python: whole": 700 }, hints: { [hint]: 250 } });
  assert.equal(first.title, "What would show more");
  assert.deepEqual(first.rows.map((row) => [row.cause, row.n, row.of]), [[hint, 250, 1000]]);
  assert.deepEqual(rest.map((section) => section.rows[0].cause), ["ring full", "end", "python: whole", "libx.so"]);
});

test("the view state goes through the URL and back, defaults left out", () => {
  const state = { view: "flame", zoom: "a;b c&d", q: "^x+$", color: "hot", group: "comm,pid" };
  assert.deepEqual(parse(format(state)), state);
  assert.equal(format(parse("")), "");
  assert.deepEqual(parse(format({ ...parse(""), group: "" })).group, "");
});

test("what we can't read falls back, what isn't ours stays", () => {
  assert.deepEqual(parse("?view=spiral&color=&group=pid,gid,pid"), { view: "icicle", zoom: "", q: "", color: "kind", group: "pid" });
  assert.equal(format(parse("?tab=2&q=x"), "?tab=2&q=x"), "?tab=2&q=x");
  assert.equal(format({ ...parse(""), q: "" }, "?tab=2&q=x"), "?tab=2");
});
