// Passkeys: asks the server for its question, lets the device answer, sends the answer as an ordinary form.
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const bytes = (words) => Uint8Array.from(atob(words.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const listed = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));

function opened(question, kind) {
  const asked = { ...question, challenge: bytes(question.challenge) };
  if (kind === "create") {
    asked.user = { ...question.user, id: bytes(question.user.id) };
    asked.excludeCredentials = listed(question.excludeCredentials);
  } else {
    asked.allowCredentials = listed(question.allowCredentials);
  }
  return asked;
}

function closed(made) {
  const { response } = made;
  const answer = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    answer.attestationObject = text(response.attestationObject);
    answer.transports = response.getTransports?.() || [];
  } else {
    answer.authenticatorData = text(response.authenticatorData);
    answer.signature = text(response.signature);
    if (response.userHandle) answer.userHandle = text(response.userHandle);
  }
  return JSON.stringify({
    id: made.id, rawId: text(made.rawId), type: made.type, response: answer, clientExtensionResults: {},
    authenticatorAttachment: made.authenticatorAttachment || undefined,
  });
}

function say(form, words) {
  const place = form.querySelector("[data-passkey-said]");
  place.textContent = words;
  place.hidden = !words;
}

async function run(form) {
  const kind = form.dataset.passkey;
  const token = form.querySelector("[name=csrf_token]").value;
  const got = await fetch(form.dataset.question, { method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" } });
  if (got.redirected || !got.headers.get("Content-Type")?.includes("json")) return window.location.reload();
  const question = await got.json();
  if (!got.ok) return say(form, question.message);
  const publicKey = opened(question, kind);
  const made = await (kind === "create" ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
  form.querySelector("[name=answer]").value = closed(made);
  form.submit();
}

let wired = false;

export function start() {
  if (!window.PublicKeyCredential || !navigator.credentials) {
    for (const note of document.querySelectorAll("[data-passkey-missing]")) note.hidden = false;
    return;
  }
  for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = false;
  if (wired) return;
  wired = true;
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-passkey]")) return;
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    say(form, "");
    button.disabled = true;
    try {
      await run(form);
    } catch (error) {
      say(form, error.name === "InvalidStateError" ? form.dataset.wordKnown || form.dataset.wordFailed : form.dataset.wordFailed);
    }
    button.disabled = false;
  });
}
