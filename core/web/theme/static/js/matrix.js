// The matrix of regions and modules: arrow keys move, the row and column of the cell light up, and the effect of a change is read out.
function at(table, row, column) {
  return table.tBodies[0].rows[row]?.cells[column];
}

function light(table, cell) {
  for (const old of table.querySelectorAll(".crossed")) old.classList.remove("crossed");
  if (!cell) return;
  for (const row of table.rows) row.cells[cell.cellIndex]?.classList.add("crossed");
  for (const other of cell.parentElement.cells) other.classList.add("crossed");
}

function tell(box, cell) {
  const out = box.querySelector("[data-effect-out]");
  const effect = cell?.querySelector("[data-effect]")?.dataset.effect;
  if (effect) out.textContent = effect;
}

function move(table, cell, key) {
  const row = cell.parentElement.sectionRowIndex;
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const [down, right] = steps[key];
  let [r, c] = [row + down, cell.cellIndex + right];
  for (let next = at(table, r, c); next; r += down, c += right, next = at(table, r, c)) {
    const target = next.querySelector("a, button");
    if (target) return target.focus();
  }
}

function wire(box) {
  const table = box.querySelector("table");
  const cellOf = (event) => event.target.closest("tbody td, tbody th");
  table.addEventListener("focusin", (event) => {
    light(table, cellOf(event));
    tell(box, cellOf(event));
  });
  table.addEventListener("pointerover", (event) => {
    const cell = cellOf(event);
    if (cell && !table.contains(document.activeElement)) {
      light(table, cell);
      tell(box, cell);
    }
  });
  table.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    if (!cell || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    move(table, cell, event.key);
  });
}

export function start() {
  for (const box of document.querySelectorAll("[data-matrix]:not([data-wired])")) {
    box.dataset.wired = "";
    wire(box);
  }
}
