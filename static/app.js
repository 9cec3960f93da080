// Small conveniences. Every page works without this file.
"use strict";

const box = document.getElementById("q");

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    box.focus();
    box.select();
  }
});

// Arrows walk from the box through the results and back; completions come first.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.defaultPrevented) return;
  const stops = [box, ...document.querySelectorAll("#results article h2 a")];
  const next = stops[stops.indexOf(document.activeElement) + step];
  if (!stops.includes(document.activeElement) || !next) return;
  event.preventDefault();
  next.focus();
});

// The search box: completions below it, and texts too long for an address.
{
  const PAUSE = 150; // milliseconds without typing before completions are asked for
  const SHORTEST = 2;
  const LONGEST = 100; // whatever is longer was pasted
  const form = box.form;

  // An editable combobox with a list, https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
  const list = document.createElement("ul");
  list.id = "completions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Completions");
  form.append(list);
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");

  let items = [];
  let active = -1;
  let waiting;
  let asked = new AbortController();

  function activate(index) {
    active = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", at === active));
    if (active < 0) {
      box.removeAttribute("aria-activedescendant");
    } else {
      box.setAttribute("aria-activedescendant", list.children[active].id);
      list.children[active].scrollIntoView({ block: "nearest" });
    }
  }

  function cancel() {
    clearTimeout(waiting);
    asked.abort();
    activate(-1);
  }

  function close() {
    cancel();
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
  }

  function choose(item) {
    close();
    if (item.url) {
      location.assign(new URL(item.url).pathname); // here, whatever the public address is
    } else {
      box.value = item.q;
      form.requestSubmit();
    }
  }

  function optionOf(item, index) {
    const option = document.createElement("li");
    const kind = document.createElement("span");
    option.id = `completion-${index}`;
    option.setAttribute("role", "option");
    option.dir = "auto";
    kind.className = "kind";
    kind.textContent = item.kind;
    option.append(item.text, " ", kind);
    option.addEventListener("click", () => choose(item));
    return option;
  }

  async function complete() {
    const typed = box.value;
    asked = new AbortController();
    try {
      const address = `/api/v1/suggest?${new URLSearchParams({ q: typed })}`;
      const answer = await fetch(address, { signal: asked.signal });
      items = answer.ok ? (await answer.json()).items : [];
    } catch {
      return; // typed on, or no answer: the box is a box
    }
    if (!items.length || box.value !== typed || document.activeElement !== box) return close();
    list.replaceChildren(...items.map(optionOf));
    activate(-1);
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
  }

  box.addEventListener("input", () => {
    const length = box.value.trim().length;
    if (length < SHORTEST || length > LONGEST) return close();
    cancel(); // what is shown stays until there is better
    waiting = setTimeout(complete, PAUSE);
  });

  box.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const places = items.length + 1; // the box itself is one
    if (event.key === "ArrowDown") activate(((active + 2) % places) - 1);
    else if (event.key === "ArrowUp") activate(((active + places) % places) - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) choose(items[active]);
    else return;
    event.preventDefault();
  });

  box.addEventListener("blur", close);
  form.addEventListener("submit", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus

  // Servers and proxies refuse addresses of over 8 kB. Of a trace both ends matter: Java names the
  // exception first, Python last.
  const MOST = 3900;
  const MOST_ENCODED = 6500;
  const note = document.createElement("p");
  note.className = "hint";
  note.hidden = true;
  note.setAttribute("role", "status");
  form.append(note);

  const encoded = (text) => new URLSearchParams({ q: text }).toString().length;

  function shorten() {
    const text = box.value;
    let short = text;
    for (let kept = MOST; short.length > MOST || encoded(short) > MOST_ENCODED; kept *= 0.9) {
      const head = Math.round(kept * 0.4);
      short = `${text.slice(0, head)} … ${text.slice(head - Math.round(kept) + 3)}`;
    }
    if (short !== text) {
      box.value = short;
      note.textContent = "That is long: its beginning and its end are searched for.";
      note.hidden = false;
    } else if (text.length < LONGEST) {
      note.hidden = true;
    }
  }

  box.addEventListener("input", shorten);
  form.addEventListener("submit", shorten);
}

// Results that came while typing: say to screen readers how many there are, and name the tab.
document.addEventListener("htmx:after:swap", () => {
  const heading = document.querySelector("#results h1");
  if (!heading) return;
  document.getElementById("announcer").textContent = heading.textContent;
  document.title = `${box.value || "All entries"} · kb`;
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
