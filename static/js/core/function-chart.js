/** A chart of functions over time for Plotly: plain data, no DOM. */

const SHOWN = 12;

/**
 * @param {object} answer of the API  @param {{name: string, values: number[]}[]} rows the largest first  @param {string} chosen its line stands out
 * @param {{text: string, grid: string, surface: string, lines: string[]}} ink
 * @returns {{traces: object[], layout: object}}
 */
export function functionChart(answer, rows, chosen, ink) {
  const { begin_ms: begin, step_ms: step, unit } = answer;
  const asTime = unit === "nanoseconds";
  const shown = rows.filter(({ name }, i) => i < SHOWN || name === chosen);
  const traces = shown.map(({ name, values }, i) => ({
    type: "scatter",
    mode: "lines",
    name: escaped(name),
    x: values.map((_, at) => local(begin + at * step)),
    y: asTime ? values.map((ns) => ns / 1e9) : values,
    line: { shape: "hv", width: name === chosen ? 3 : 1.5, color: ink.lines[i % ink.lines.length], dash: i < ink.lines.length ? "solid" : "dot" },
    opacity: chosen === "" || name === chosen ? 1 : 0.35,
  }));
  const axis = { gridcolor: ink.grid, linecolor: ink.grid, zerolinecolor: ink.grid };
  const layout = {
    paper_bgcolor: ink.surface,
    plot_bgcolor: ink.surface,
    font: { color: ink.text, family: "system-ui, sans-serif", size: 12 },
    margin: { l: 64, r: 16, t: 16, b: 40 },
    hovermode: "x unified",
    hoverlabel: { bgcolor: ink.surface, bordercolor: ink.grid, font: { color: ink.text } },
    legend: { orientation: "h", y: -0.15 },
    xaxis: { ...axis, type: "date" },
    yaxis: { ...axis, rangemode: "tozero", title: { text: asTime ? "seconds in a step" : `${unit || "samples"} in a step` } },
  };
  return { traces, layout };
}

/** Plotly reads some markup in names: a name from anywhere must stay a name. */
function escaped(name) {
  return name.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Plotly has no zones: the reader's clock, written out. */
function local(ms) {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
