/**
 * The namespace or package a function is in: `std::vector` of `std::vector<int>::push_back(int&&)`, `java.util` of
 * `java.util.HashMap.get`, `net/http` of `net/http.(*conn).serve`; of Python functions that of their file.
 */

/** Names are looked at up to here: what is longer is made of template arguments. */
const MAX_NAME = 1000;
/** What compilers put behind the names of a function's parts and copies. */
const COPIES = /(\.(isra|part|constprop|cold|llvm|lto_priv|str)(\.\d+)*)+$/;
/** As a virtual machine's perf map writes a method: `Ljava/util/HashMap;::get`. */
const DESCRIPTOR = /^L([\w/$]+);::/;
/** `<alloc::vec::Vec<T> as core::clone::Clone>::clone` is about the type in front. */
const RUST_SELF = /^<(?:&|mut |dyn )*([\w:]+).*>::/;
const PYTHON_ROOT = /^.*\/(?:site-packages|dist-packages|python\d[\d.]*)\//;
/** Of a file outside of a library only its folder and name: what is above is where it was installed. */
const FOLDERS_KEPT = 2;

/** @param {string} name of a function  @returns {string[]} parts from the outermost on; empty when the name has none */
export function namespaceParts(name) {
  const plain = withoutArguments(name.slice(0, MAX_NAME).replace(DESCRIPTOR, "$1.").replace(RUST_SELF, "$1::").replace(COPIES, ""));
  if (plain.includes("::")) return plain.split("::").slice(0, -1).filter((part) => part !== "");
  const folders = plain.split("/");
  const parts = [...folders.slice(0, -1), ...folders.at(-1).split(".").slice(0, -1)].filter((part) => part !== "");
  // A class is no package, and begins with a capital letter where points stand between both.
  const ofClass = parts.findIndex((part, i) => i > 0 && /^[A-Z]/.test(part));
  return ofClass < 0 ? parts : parts.slice(0, ofClass);
}

/** @param {string} file of a Python function  @returns {string[]} `json`, `decoder` of `/usr/lib/python3.11/json/decoder.py` */
export function packageParts(file) {
  const known = PYTHON_ROOT.test(file);
  const folders = file.replace(PYTHON_ROOT, "").replace(/\.pyc?$/, "").split("/").filter((part) => part !== "");
  const parts = folders.at(-1) === "__init__" ? folders.slice(0, -1) : folders;
  return known ? parts : parts.slice(-FOLDERS_KEPT);
}

/** How the language of a name writes its parts as one. @param {string} name  @param {string[]} parts */
export function joinParts(name, parts) {
  return parts.join(name.includes("::") && !DESCRIPTOR.test(name) ? "::" : name.includes("/") ? "/" : ".");
}

/** A name up to its parameters, without its result's type and what stands in brackets: separators there are not its own. */
function withoutArguments(name) {
  let depth = 0;
  let kept = "";
  for (const character of name) {
    if (character === "(" && depth === 0 && /[^.:]$/.test(kept)) break;
    if ("<([{".includes(character)) depth++;
    else if (">)]}".includes(character)) depth = Math.max(0, depth - 1);
    else if (character === " " && depth === 0) kept = "";
    else if (depth === 0) kept += character;
  }
  return kept;
}
