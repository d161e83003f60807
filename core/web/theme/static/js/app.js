// What every page needs beyond plain HTML: menus, tables that scroll, chosen rows, where the focus goes. All of it optional:
// with scripts off each page still works.
const EXTRAS = [
  ["form[data-word], form[data-confirm]", "./confirm.js"],
  ["[data-progress]", "./progress.js"],
  ["[data-matrix]", "./matrix.js"],
  ["[data-map]", "./map.js"],
  ["form[data-passkey], [data-passkey-missing]", "./passkeys.js"],
];

const narrow = window.matchMedia("(max-width: 959px)");

function openNavigation(button, open) {
  const nav = document.querySelector("#nav");
  nav.classList.toggle("is-open", open);
  button.setAttribute("aria-expanded", String(open));
}

function wireNavigation() {
  const button = document.querySelector("[data-nav-open]");
  if (!button) return;
  button.setAttribute("role", "button");
  openNavigation(button, false);
  button.addEventListener("click", (event) => {
    event.preventDefault();
    openNavigation(button, button.getAttribute("aria-expanded") !== "true");
  });
  button.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      button.click();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && narrow.matches && button.getAttribute("aria-expanded") === "true") {
      openNavigation(button, false);
      button.focus();
    }
  });
}

function wireFloats() {
  document.addEventListener("click", (event) => {
    for (const float of document.querySelectorAll("[data-float][open]")) {
      if (!float.contains(event.target)) float.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const float of document.querySelectorAll("[data-float][open]")) {
      float.open = false;
      float.querySelector("summary").focus();
    }
  });
}

// A table wider than its box must be reachable by keyboard to be scrolled; one that fits must not be a stop on the way.
function markScrollBoxes() {
  for (const box of document.querySelectorAll("[data-scroll]")) {
    const wide = box.scrollWidth > box.clientWidth;
    const caption = box.querySelector("caption");
    box.toggleAttribute("tabindex", wide);
    if (wide) {
      box.setAttribute("tabindex", "0");
      box.setAttribute("role", "region");
      if (caption) box.setAttribute("aria-label", caption.textContent.trim().replace(/\s+/g, " "));
    } else {
      box.removeAttribute("role");
      box.removeAttribute("aria-label");
    }
  }
}

function picks(table) {
  return [...table.querySelectorAll("input.pick[name]")];
}

function countPicks(table) {
  const boxes = picks(table);
  const chosen = boxes.filter((box) => box.checked).length;
  const all = table.querySelector("[data-pick-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  const form = boxes[0]?.form;
  const out = form?.querySelector("[data-chosen]");
  if (out) out.textContent = out.dataset.word.replace("{count}", String(chosen));
}

function wirePicks() {
  document.addEventListener("change", (event) => {
    if (!event.target.matches("input.pick")) return;
    const table = event.target.closest("table");
    if (event.target.matches("[data-pick-all]")) {
      for (const box of picks(table)) box.checked = event.target.checked;
    }
    countPicks(table);
  });
}

// Empty filter fields would only lengthen the address.
function wireEmptyFields() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-drop-empty]")) return;
    for (const field of event.target.elements) {
      if (field.name && field.value === "") field.disabled = true;
    }
  });
}

function focusOn(element) {
  if (!element) return;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
}

function wireHtmx() {
  document.addEventListener("htmx:after:swap", () => {
    const notices = document.querySelector("#notices");
    if (notices?.querySelector(".refusal")) focusOn(notices);
    enhance();
  });
  document.addEventListener("htmx:error", () => {
    const notices = document.querySelector("#notices");
    if (!notices) return;
    const note = document.createElement("div");
    note.className = "flash stop";
    note.setAttribute("role", "alert");
    const text = document.createElement("p");
    text.textContent = document.body.dataset.wordSlow;
    note.append(text);
    notices.replaceChildren(note);
    focusOn(notices);
  });
}

// Paper cannot be unfolded: open the text twins while printing.
function wirePrint() {
  window.addEventListener("beforeprint", () => {
    for (const twin of document.querySelectorAll("details.twin:not([open])")) {
      twin.open = true;
      twin.dataset.folded = "";
    }
  });
  window.addEventListener("afterprint", () => {
    for (const twin of document.querySelectorAll("details.twin[data-folded]")) {
      twin.open = false;
      delete twin.dataset.folded;
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
}

async function enhance() {
  markScrollBoxes();
  for (const [selector, module] of EXTRAS) {
    if (document.querySelector(selector)) (await import(module)).start();
  }
}

wireNavigation();
wireFloats();
wirePicks();
wireEmptyFields();
wireHtmx();
wirePrint();
window.addEventListener("resize", markScrollBoxes);
focusOn(document.querySelector("[data-errors]"));
for (const table of document.querySelectorAll("table")) if (picks(table).length) countPicks(table);
enhance();
