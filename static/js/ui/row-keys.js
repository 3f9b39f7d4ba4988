/** Arrow keys, Page, Home, End and Enter on a list of rows whose scroller has the focus. */

const PAGE_ROWS = 15;

/**
 * @param {HTMLElement} scroller
 * @param {{at: () => number, count: () => number, go: (index: number) => void, enter: (index: number) => void,
 *   left?: (index: number) => void, right?: (index: number) => void}} rows `at` is -1 while no row is selected
 */
export function rowKeys(scroller, rows) {
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE_ROWS, PageUp: -PAGE_ROWS, Home: -Infinity, End: Infinity };
  scroller.addEventListener("keydown", (event) => {
    if (event.target !== scroller || event.ctrlKey || event.metaKey || event.altKey || rows.count() === 0) return;
    const at = rows.at();
    const sideways = { ArrowLeft: rows.left, ArrowRight: rows.right }[event.key];
    if (event.key in steps) rows.go(at < 0 ? 0 : Math.max(0, Math.min(rows.count() - 1, at + steps[event.key])));
    else if (event.key === "Enter" && at >= 0) rows.enter(at);
    else if (sideways && at >= 0) sideways(at);
    else return;
    event.preventDefault();
  });
}
