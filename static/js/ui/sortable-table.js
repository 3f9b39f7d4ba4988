/**
 * `<table data-sortable>`: its rows are all here, and a press on a column's head sorts them. The order is in the URL: `?sort=`, and
 * `?<name>-sort=` of `data-sortable="<name>"`, where a page has several.
 */

import { cellKey, columnKey, nextOrder, ordered, parseOrder } from "../core/table-order.js";
import { element } from "./element.js";
import { keepInUrl, keptInUrl, nameInUrl } from "./url-state.js";

/** @param {ParentNode} root */
export function enhanceSorting(root) {
  for (const table of root.querySelectorAll("table[data-sortable]")) {
    for (const head of heads(table).filter((one) => columnKey(one.textContent) !== "" && !one.querySelector(".visually-hidden"))) makeSortable(table, head);
    sortAgain(table);
  }
}

/** After its rows were replaced. @param {HTMLTableElement} table */
export function sortAgain(table) {
  const body = table.tBodies[0];
  const rows = inOrder(table, [...body.rows]);
  if (rows.some((row, i) => row !== body.rows[i])) body.append(...rows);
}

/** @param {HTMLTableElement} table  @param {HTMLTableRowElement[]} rows of it, or meant for it  @returns {HTMLTableRowElement[]} */
export function inOrder(table, rows) {
  const { key, reversed } = parseOrder(keptInUrl(orderName(table)));
  const column = heads(table).findIndex((head) => key !== "" && head.dataset.column === key);
  heads(table).forEach((head, i) => (i === column ? head.setAttribute("aria-sort", reversed ? "descending" : "ascending") : head.removeAttribute("aria-sort")));
  if (column < 0) return rows;
  const numeric = heads(table)[column].classList.contains("num");
  return ordered(rows, (row) => cellKey(valueOf(row.cells[column]), numeric), reversed);
}

function makeSortable(table, head) {
  const key = (head.dataset.column = columnKey(head.textContent));
  const numeric = head.classList.contains("num");
  const name = orderName(table);
  const link = element("a", { href: `?${name}=${nextOrder("", key, numeric)}` }, ...head.childNodes);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    keepInUrl(name, nextOrder(keptInUrl(name), key, numeric));
    sortAgain(table);
  });
  head.replaceChildren(link);
}

function orderName(table) {
  return nameInUrl(table.dataset.sortable, "sort");
}

function heads(table) {
  return [...table.tHead.rows[0].cells];
}

function valueOf(cell) {
  return cell?.dataset.value ?? cell?.querySelector("time")?.dateTime ?? cell?.textContent ?? "";
}
