/** A frame as text to take away: its stack, and the address that opens its source in somebody's editor. */

import { origin, printable } from "./labels.js";

/** Schemes that run or hold what they are given instead of opening it. */
const REFUSED = new Set(["javascript", "data", "vbscript", "blob", "about", "view-source"]);

/** One line per frame, the outermost first. @param {import("./tree.js").Tree} tree  @param {number} node */
export function stackText(tree, node) {
  return tree.ancestry(node).slice(1).map((at) => {
    const where = origin(tree.frameOf(at));
    return where === "" ? printable(tree.name(at)) : `${printable(tree.name(at))}  (${where})`;
  }).join("\n");
}

/** @param {string} template such as `vscode://file/{file}:{line}`  @returns {string} why it can't be used, or "" */
export function templateError(template) {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(template)?.[1].toLowerCase();
  if (!scheme) return "An address begins with its scheme, such as vscode:// or idea://";
  if (REFUSED.has(scheme)) return `An address of ${scheme}: does not open an editor`;
  return template.includes("{file}") ? "" : "{file} must be in it: the place of the file's name";
}

/**
 * @param {string} template one without a `templateError`  @param {{file: string, line: number}} frame
 * @returns {string} "" when the frame's file is not known
 */
export function editorUrl(template, { file, line }) {
  if (file === "" || templateError(template) !== "") return "";
  // What is special in an address would end the path; slashes stay.
  const path = file.split("/").map(encodeURIComponent).join("/");
  return template.replaceAll("{file}", path).replaceAll("{line}", String(line || 1));
}
