// A classic script, before the style sheets: the stored theme must be known at the first paint, or the page flashes.
try {
  const theme = localStorage.getItem("webprof-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage can be forbidden; then the theme is the system's.
}
