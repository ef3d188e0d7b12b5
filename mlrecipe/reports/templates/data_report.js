"use strict";
// Filters the columns by name, kind or finding. The page is complete without it.
const box = document.getElementById("filter"), told = document.getElementById("shown");
const cards = [...document.querySelectorAll("[data-search]")];
const columns = document.querySelectorAll("section.column").length;
function apply() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const card of cards) card.hidden = !words.every(word => card.dataset.search.includes(word));
  const left = document.querySelectorAll("section.column:not([hidden])").length;
  told.textContent = words.length ? left + " of " + columns + " columns" : "";
}
document.getElementById("search").hidden = false;
box.addEventListener("input", apply);
document.addEventListener("keydown", event => {
  if (event.key === "/" && event.target !== box) { event.preventDefault(); box.focus(); }
  if (event.key === "Escape" && event.target === box) { box.value = ""; apply(); }
});
document.addEventListener("click", event => {
  const link = event.target.closest("a[href^='#']"), goal = link && document.getElementById(link.hash.slice(1));
  if (goal && goal.hidden) { box.value = ""; apply(); }
});
addEventListener("beforeprint", () => { box.value = ""; apply(); });
if (location.hash.startsWith("#filter=")) { box.value = decodeURIComponent(location.hash.slice(8)); }
apply();
