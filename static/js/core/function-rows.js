/** Functions over time as rows of a table: sums of each, shares of everything, sorted. `answer` is the API's; no DOM. */

/**
 * @param {{functions: object[]}} answer  @param {"own"|"total"} order  @param {number} whole what shares are of
 * @returns {{name: string, module: string, kind: number, own: number, total: number, values: number[]}[]} `values` by step, of the order
 */
export function functionRows(answer, order) {
  const sum = (values) => values.reduce((all, one) => all + one, 0);
  const there = answer.functions.filter(({ total }) => sum(total) > 0);
  const made = there.map((one) => ({ ...one, own: sum(one.own), total: sum(one.total), values: one[order] }));
  return made.sort((a, b) => b[order] - a[order] || a.name.localeCompare(b.name));
}

/** Rows whose name or module holds a text, in any case. */
export function matching(rows, text) {
  const wanted = text.trim().toLowerCase();
  return wanted === "" ? rows : rows.filter(({ name, module }) => `${name} ${module}`.toLowerCase().includes(wanted));
}
