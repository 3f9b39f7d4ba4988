/** Surface, ink and lightness of each theme; the surfaces are tokens.css's `--surface`. */
export const THEMES = {
  light: {
    surface: "#ffffff",
    text: "#14181e",
    textDim: "#3a4048",
    textAncestor: "#14181e",
    textUnmatched: "#4d5663",
    lightness: [0.76, 0.88],
    kernel: [0.755, 0.83],
    chromaScale: 1,
    marks: ["#7a1fa2", "#00695c", "#b3261e", "#1f4fa8", "#5d4300"],
    hatch: "rgb(20 24 30 / 20%)",
  },
  dark: {
    surface: "#161a20",
    text: "#0b0d11",
    textDim: "#1d2127",
    textAncestor: "#ffffff",
    textUnmatched: "#c3cbd6",
    lightness: [0.65, 0.735],
    kernel: [0.65, 0.72],
    chromaScale: 0.95,
    marks: ["#f0b8ff", "#7ff0d2", "#ffb3ab", "#a9ccff", "#ffe08a"],
    hatch: "rgb(10 12 16 / 28%)",
  },
};

/** The colour of a search's term. @param {number} term  @param {"light"|"dark"} theme */
export function markOf(term, theme) {
  return THEMES[theme].marks[term];
}
