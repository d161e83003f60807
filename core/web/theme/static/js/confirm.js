// Asking before an act that cannot be undone: a word to type, or a question in a dialog. The server asks too; this only saves a way.
let dialog;

function build() {
  dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("aria-labelledby", "ask-question");
  const question = document.createElement("p");
  question.id = "ask-question";
  question.className = "confirm-question";
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  const yes = document.createElement("button");
  yes.type = "button";
  yes.className = "btn btn-danger";
  const no = document.createElement("button");
  no.type = "button";
  no.className = "btn";
  buttons.append(yes, no);
  dialog.append(question, buttons);
  document.body.append(dialog);
  no.addEventListener("click", () => dialog.close());
  dialog.parts = { question, yes, no };
}

function ask(form, submitter) {
  if (!dialog) build();
  const { question, yes, no } = dialog.parts;
  question.textContent = form.dataset.confirm;
  yes.textContent = form.dataset.confirmYes || submitter?.textContent.trim() || "OK";
  no.textContent = form.dataset.confirmNo || "✕";
  yes.onclick = () => {
    form.dataset.confirmed = "";
    dialog.close();
    form.requestSubmit(submitter || undefined);
  };
  dialog.showModal();
  no.focus();
}

function wireWord(form) {
  const field = form.querySelector("[name=confirm_word]");
  const button = form.querySelector("[type=submit]");
  if (!field || !button || form.dataset.wired) return;
  form.dataset.wired = "";
  const same = () => field.value.trim().normalize("NFC") === form.dataset.word.normalize("NFC");
  const show = () => button.toggleAttribute("disabled", !same());
  field.addEventListener("input", show);
  show();
}

let wired = false;

export function start() {
  for (const form of document.querySelectorAll("form[data-word]")) wireWord(form);
  if (wired) return;
  wired = true;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-confirm]") || "confirmed" in form.dataset) return;
    event.preventDefault();
    ask(form, event.submitter);
  });
}
