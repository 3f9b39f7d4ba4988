/** Namespaces and packages of names as compilers and languages write them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { groupOf, packageOf } from "../../static/js/core/frame-groups.js";
import { joinParts, namespaceParts, packageParts } from "../../static/js/core/namespaces.js";
import { KERNEL, PLACEHOLDER, tree } from "./messages.js";

const NAMES = {
  "std::vector<int, std::allocator<int> >::push_back(int&&)": "std::vector",
  "void foo::bar<x>(int) const": "foo",
  "std::ostream& std::operator<< <char>(std::ostream&)": "std",
  "(anonymous namespace)::f()": "",
  "operator<<(std::ostream&, int)": "",
  "node::Start(int, char**)": "node",
  "core::ptr::drop_in_place": "core::ptr",
  "<alloc::vec::Vec<T> as core::clone::Clone>::clone": "alloc::vec::Vec",
  "java.util.HashMap.get": "java.util",
  "Ljava/util/HashMap;::get": "java/util",
  "net/http.(*conn).serve": "net/http",
  "github.com/foo/bar.Baz": "github.com/foo/bar",
  "json.loads": "json",
  "do_syscall_64.isra.0": "",
  main: "",
  "": "",
  "[unknown]": "",
  "a::b::": "a::b",
  ")(": "",
};

for (const [name, namespace] of Object.entries(NAMES)) {
  test(`the namespace of “${name}” is “${namespace}”`, () => assert.equal(joinParts(name, namespaceParts(name)), namespace));
}

test("a name of ten thousand characters takes no time", () => assert.equal(namespaceParts("a::".repeat(5000)).length, 333));

test("a Python file is the module that import calls it", () => {
  assert.deepEqual(packageParts("/usr/lib/python3.11/json/decoder.py"), ["json", "decoder"]);
  assert.deepEqual(packageParts("/opt/venv/lib/python3.12/site-packages/django/__init__.py"), ["django"]);
  assert.deepEqual(packageParts("/srv/shop/app/views.py"), ["app", "views"]);
  assert.deepEqual(packageParts("<string>"), ["<string>"]);
});

test("what stands for no code is in no group, and what has no namespace is in its module", () => {
  const PYTHON = 3;
  const sample = tree("web 0\n  loads 1\n    vfs 2\n      x::y 1\n        [unknown] 4", { kinds: { web: 0, loads: PYTHON, vfs: KERNEL, "[unknown]": PLACEHOLDER }, modules: { vfs: "[kernel]", "x::y": "libx.so", "[unknown]": "libz.so" }, files: { loads: "/usr/lib/python3.11/json/__init__.py" } });
  const frames = [...sample.frame].slice(1);
  assert.deepEqual(frames.map((f) => groupOf(sample, f, "module")), ["", "json", "[kernel]", "libx.so", ""]);
  assert.deepEqual(frames.map((f) => groupOf(sample, f, "namespace")), ["", "json", "[kernel]", "x", ""]);
  assert.deepEqual(packageOf(sample, sample.frame[0]), []);
});
