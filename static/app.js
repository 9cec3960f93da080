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
  const live = form.hasAttribute("hx-get"); // the titles that match are the results then

  // An editable combobox with a list, https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
  const list = document.createElement("ul");
  list.id = "completions";
  list.hidden = true;
  list.classList.toggle("strip", live);
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
      const found = answer.ok ? (await answer.json()).items : [];
      items = found.filter((item) => !(live && item.url));
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
    if (live && event.key === "ArrowDown" && active === items.length - 1) return close(); // and on
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

// Searching in place: whatever changes the results, what was open, in sight and in focus stays so.
{
  const SLOW = 4000; // milliseconds after which waiting is worth a word
  const results = document.getElementById("results");
  let waiting;

  // In front of the results: what it says must not move what is read.
  function say(text, again) {
    results.querySelector(":scope > .state")?.remove();
    const state = document.createElement("div");
    const notice = document.createElement("p");
    state.className = "state";
    notice.className = "notice warning";
    notice.setAttribute("role", "alert");
    notice.textContent = text;
    if (again) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "small";
      button.textContent = "Try again";
      button.addEventListener("click", again);
      notice.append(" ", button);
    }
    state.append(notice);
    results.prepend(state);
  }

  function repeat({ sourceElement, request }) {
    if (!sourceElement.isConnected) location.assign(request.action);
    else if (sourceElement === box.form) htmx.trigger(sourceElement, "again");
    else sourceElement.click();
  }

  const valueOf = (link) => link.querySelector(".value").textContent;
  const ours = (event) => results && event.detail.ctx?.target === results;

  document.addEventListener("htmx:before:request", (event) => {
    if (!ours(event)) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => say("Still searching; the server is slow to answer."), SLOW);
  });

  document.addEventListener("htmx:finally:request", (event) => {
    if (ours(event)) clearTimeout(waiting);
  });

  document.addEventListener("htmx:error", (event) => {
    const { ctx } = event.detail;
    if (ours(event)) {
      say("The server did not answer. What you see is from before.", () => repeat(ctx));
    } else if (ctx?.target && !ctx.target.querySelector(":scope > .no-answer")) {
      const notice = document.createElement("p");
      notice.className = "notice warning no-answer";
      notice.setAttribute("role", "alert");
      notice.textContent = "The server did not answer. What you see may be out of date; try again.";
      ctx.target.prepend(notice);
    }
  });

  document.addEventListener("htmx:before:swap", (event) => {
    if (!ours(event)) return;
    const { ctx } = event.detail;
    if (ctx.response.status >= 500) {
      event.preventDefault();
      const text = `The server could not answer (${ctx.response.status}). What you see is from before.`;
      say(text, () => repeat(ctx));
      return;
    }
    const open = [...results.querySelectorAll("details[open]")].map((fold) => fold.id);
    const chosen = ctx.sourceElement.closest?.(".filters");
    const facets = chosen ? [...results.querySelectorAll(".facet")] : [];
    const heights = facets.map((section) => [section.id, section.offsetHeight]);
    const focused = results.contains(document.activeElement);
    const link = document.activeElement.closest(".facet a");
    const facet = link?.closest(".facet").id;
    results.addEventListener(
      "htmx:before:settle",
      () => {
        for (const id of open) document.getElementById(id)?.setAttribute("open", "");
        for (const [id, height] of heights) {
          const section = document.getElementById(id);
          if (section) section.style.minHeight = `${height}px`; // the link just followed stays put
        }
        if (!focused || results.contains(document.activeElement)) return;
        const again = link && [...document.querySelectorAll(`#${facet} a`)].find(
          (other) => valueOf(other) === valueOf(link),
        );
        (again ?? document.getElementById("found"))?.focus({ preventScroll: true });
      },
      { once: true },
    );
  });

  // Say to screen readers how many there are, and name the tab.
  document.addEventListener("htmx:after:swap", (event) => {
    if (!ours(event)) return;
    const heading = results.querySelector("h1");
    document.getElementById("announcer").textContent = heading?.textContent ?? "";
    document.title = `${box.value || "All entries"} · kb`;
  });

  // Back and forward: htmx fetches the results of that address; the box is outside of them.
  document.addEventListener("htmx:before:history:restore", (event) => {
    box.value = new URL(event.detail.path, location.href).searchParams.get("q") ?? "";
  });
}

// Code: copy it, wrap its lines.
{
  const COPIED = 2000; // milliseconds for which a button says what it has done

  // Hidden characters are shown as their code points; a copy is what was written.
  function written(code) {
    const copied = code.cloneNode(true);
    for (const one of copied.querySelectorAll(".invisible")) {
      one.textContent = String.fromCodePoint(parseInt(one.textContent.slice(2), 16));
    }
    return copied.textContent;
  }

  async function copy(code, button) {
    try {
      await navigator.clipboard.writeText(written(code));
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code); // no clipboard on plain http
      button.textContent = "Ctrl+C";
    }
    document.getElementById("announcer").textContent = button.textContent;
    setTimeout(() => (button.textContent = "Copy"), COPIED);
  }

  function wrap(figure, button) {
    button.setAttribute("aria-pressed", figure.classList.toggle("wrapped"));
  }

  function button(text, action) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => action(made));
    return made;
  }

  function addButtons() {
    for (const figure of document.querySelectorAll("figure.code:not(:has(button))")) {
      const code = figure.querySelector("code");
      const wrapping = button("Wrap", (made) => wrap(figure, made));
      wrapping.setAttribute("aria-pressed", "false");
      const copying = button("Copy", (made) => copy(code, made));
      figure.querySelector("figcaption").append(wrapping, copying);
    }
  }

  addButtons();
  document.addEventListener("htmx:after:swap", addButtons);
}

// Forms: one press sends a form once. (A button that is disabled would not say that it was pressed.)
{
  const WAIT = 10_000; // milliseconds; whoever stops a slow request can press again

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sending) return event.preventDefault();
    form.dataset.sending = "yes";
    setTimeout(() => delete form.dataset.sending, WAIT);
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("[data-sending]")) delete form.dataset.sending;
  });
}

// Forms: what is typed is kept in this browser until it is sent. Each tab has a draft of its own and
// holds its lock; a draft that no open tab holds is put back.
{
  const PREFIX = "kb-draft ";
  const SENT = "kb-sent"; // in the tab's session: the draft of what was sent last
  const LASTS = 30 * 24 * 60 * 60 * 1000; // milliseconds
  const PAUSE = 400;
  const OF_THE_PAGE = new Set(["action", "compared", "promised"]); // what nobody typed

  const form = document.querySelector("form[data-draft]");

  // Some browsers store nothing. The form is a form without that.
  function attempt(work) {
    try {
      return work();
    } catch {
      return undefined;
    }
  }

  function drafts(prefix) {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    const found = keys.map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }));
    return found.sort((one, other) => other.at - one.at);
  }

  const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  function fields() {
    return [...form.elements].filter((one) => one.name && !OF_THE_PAGE.has(one.name));
  }

  function servedText(field) {
    if (field.type === "radio") return field.defaultChecked && field.value;
    if (field.options) return [...field.options].find((one) => one.defaultSelected)?.value;
    return field.defaultValue;
  }

  function textNow(field) {
    return field.type === "radio" ? field.checked && field.value : field.value;
  }

  // Pairs of name and text, without the empty ones.
  function texts(textOf = textNow) {
    return fields().map((field) => [field.name, textOf(field)]).filter(([, text]) => text);
  }

  function addBox(fieldset) {
    const boxes = fieldset.querySelectorAll(".box");
    const last = boxes[boxes.length - 1];
    const box = last.cloneNode(true);
    const text = box.querySelector("textarea");
    for (const name of ["aria-invalid", "aria-describedby", "aria-errormessage", "autofocus"]) {
      text.removeAttribute(name);
    }
    box.classList.remove("invalid");
    box.querySelector(".error")?.remove();
    text.id = `${text.name}-${boxes.length}`;
    text.ariaLabel = text.ariaLabel.replace(/\d+$/, boxes.length + 1);
    text.value = text.defaultValue = "";
    last.after(box);
    return text;
  }

  function fill(pairs) {
    for (const name of new Set(fields().map((field) => field.name))) {
      const wanted = pairs.filter(([one]) => one === name).map(([, text]) => text);
      const boxes = fields().filter((field) => field.name === name);
      const group = boxes[0].closest(".box")?.parentElement;
      while (group && boxes.length < wanted.length) boxes.push(addBox(group));
      boxes.forEach((field, at) => {
        if (field.type === "radio") field.checked = wanted.includes(field.value);
        else if (wanted.length || field.type !== "hidden") field.value = wanted[at] ?? "";
      });
    }
  }

  // Only secure addresses have locks; elsewhere a draft may be open in two tabs.
  function claim(key) {
    if (!navigator.locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      const hold = () => new Promise(() => resolve(true)); // as long as the page lives
      const patience = AbortSignal.timeout(500); // a page that is reloaded lets go of it
      navigator.locks.request(key, { signal: patience }, hold).catch(() => resolve(false));
    });
  }

  function keepDrafts() {
    const unsent = form.dataset.draft === "unsent"; // the server gave back what was sent to it
    const prefix = `${PREFIX}${form.getAttribute("action")} `;
    const served = texts(servedText);
    const preview = document.getElementById("preview");
    const beside = matchMedia("(min-width: 80rem)");
    let key = null;
    let leaving = false;
    let waiting;

    const isDirty = () => unsent || !isSame(texts(), served);

    function glance() {
      if (beside.matches) preview.dispatchEvent(new Event("typed"));
    }

    function forget() {
      if (key) attempt(() => localStorage.removeItem(key));
    }

    function save() {
      clearTimeout(waiting);
      if (!isDirty()) return forget();
      if (!key) claim((key = prefix + Math.random().toString(36).slice(2)));
      const kept = attempt(() => {
        localStorage.setItem(key, JSON.stringify({ at: Date.now(), texts: texts() }));
        return true;
      });
      document.getElementById("kept").textContent = kept
        ? "What you type is kept in this browser until you send it."
        : "This browser keeps nothing: what you type is lost when you leave.";
    }

    function tell(draft, isStale) {
      const note = document.createElement("div");
      const sentence = document.createElement("p");
      const discard = document.createElement("button");
      const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
      note.className = "notice put-back";
      sentence.textContent = `Your unsaved text from ${moment.format(draft.at)} was put back.`;
      if (isStale) {
        sentence.append(" The entry has changed since; when you send yours, the two are brought together.");
      }
      discard.type = "button";
      discard.className = "small";
      discard.textContent = "Discard it";
      discard.addEventListener("click", () => {
        fill(served);
        save();
        note.remove();
        document.getElementById("announcer").textContent = "";
        form.elements.title.focus();
        glance();
      });
      note.append(sentence, discard);
      form.parentElement.querySelector("header").append(note);
      document.getElementById("announcer").textContent = sentence.textContent;
    }

    async function putBack() {
      for (const draft of attempt(() => drafts(prefix)) ?? []) {
        if (!(await claim(draft.key))) continue;
        if (isSame(texts(), draft.texts)) key = draft.key; // the browser has put it back
        if (isDirty()) return;
        key = draft.key;
        // Typed on a page that brings two changes together, it starts from where the first one did.
        const { base: its, since } = Object.fromEntries(draft.texts);
        const base = form.elements.since ? its : (since ?? its);
        fill(draft.texts.map(([name, text]) => [name, name === "base" ? base : text]));
        tell(draft, base !== Object.fromEntries(served).base);
        return glance();
      }
    }

    function takeUp() {
      const sent = attempt(() => sessionStorage.getItem(SENT));
      if (sent?.startsWith(prefix)) claim((key = sent));
      save();
    }

    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => (save(), glance()), PAUSE);
    });
    form.addEventListener("click", (event) => {
      // What it says stays until there is more typing.
      if (event.target.closest("button[value=preview]")) return save();
      const add = event.target.closest("button[value^=add-]");
      if (!add) return;
      event.preventDefault();
      addBox(add.closest("fieldset")).focus();
    });
    document.addEventListener("submit", (event) => {
      if (event.target !== form || event.defaultPrevented) return;
      save();
      leaving = true;
      attempt(() => sessionStorage.setItem(SENT, key ?? ""));
    });
    addEventListener("pagehide", save);
    addEventListener("pageshow", () => (leaving = false));
    addEventListener("load", glance);
    addEventListener("beforeunload", (event) => {
      if (!leaving && isDirty()) event.preventDefault();
    });
    if (unsent) takeUp();
    else putBack();
  }

  attempt(() => {
    // A page that says what was done is the answer to a form that was taken.
    const sent = sessionStorage.getItem(SENT);
    if (sent && document.querySelector("main > .note")) localStorage.removeItem(sent);
    if (!form) sessionStorage.removeItem(SENT);
    for (const { key, at } of drafts(PREFIX)) {
      if (at < Date.now() - LASTS) localStorage.removeItem(key);
    }
  });
  if (form) keepDrafts();
}

// Forms: tags that there are, offered by the browser for the last one of the list.
{
  const MOST = 12;
  const input = document.querySelector("input[list=known-tags]");
  let known;

  function offer() {
    const [, before = "", typed] = /^(.*,)?\s*(.*)$/s.exec(input.value.toLowerCase());
    const taken = before.split(",").map((tag) => tag.trim());
    const fitting = (known ?? []).filter((tag) => tag.startsWith(typed) && !taken.includes(tag));
    // An option is the whole text of the field.
    const options = fitting.slice(0, MOST).map((tag) => new Option(tag, `${before} ${tag}`.trim()));
    input.list.replaceChildren(...options);
  }

  async function load() {
    if (known) return;
    known = [];
    try {
      const answer = await fetch("/api/v1/tags");
      if (answer.ok) known = (await answer.json()).items.map((one) => one.tag);
    } catch {
      known = undefined; // the next focus asks again
    }
    offer();
  }

  input?.addEventListener("focus", load);
  input?.addEventListener("input", offer);
}
