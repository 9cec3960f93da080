// Small conveniences. Every page works without this file.
"use strict";

const searchBox = document.getElementById("q");

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    searchBox.focus();
    searchBox.select();
  }
});

// Arrows walk from the box through the results and back; completions come first.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.defaultPrevented) return;
  const stops = [searchBox, ...document.querySelectorAll("#results article h2 a")];
  const next = stops[stops.indexOf(document.activeElement) + step];
  if (!stops.includes(document.activeElement) || !next) return;
  event.preventDefault();
  next.focus();
});

// Results that came while typing: say to screen readers how many there are, and name the tab.
document.addEventListener("htmx:after:swap", () => {
  const heading = document.querySelector("#results h1");
  if (!heading) return;
  document.getElementById("announcer").textContent = heading.textContent;
  document.title = `${searchBox.value || "All entries"} · kb`;
});

// A request that got no answer says so where its answer would have been.
document.addEventListener("htmx:error", (event) => {
  const target = event.detail.ctx?.target;
  if (!target || target.querySelector(":scope > .no-answer")) return;
  const notice = document.createElement("p");
  notice.className = "notice warning no-answer";
  notice.setAttribute("role", "alert");
  notice.textContent = "The server did not answer. What you see may be out of date; try again.";
  target.prepend(notice);
});
