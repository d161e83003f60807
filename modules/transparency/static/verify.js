// Verify receipts and whole published logs in the browser alone: nothing is sent anywhere. It shares no code with the server.
// What a log may say stands in docs/log.md; the same in Python is verify.py.

class Bad extends Error {} // the input cannot be read
class Untrue extends Error {} // what was read does not hold

function need(holds, said, kind = Bad) {
  if (!holds) throw new kind(said);
}

const bytes = (text) => new TextEncoder().encode(text);
const hex = (raw) => Array.from(raw, (one) => one.toString(16).padStart(2, "0")).join("");
const same = (a, b) => a.length === b.length && a.every((one, at) => one === b[at]);

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
}

function unhex(text) {
  need(/^([0-9a-f]{2})*$/.test(text), `no hexadecimal: ${text.slice(0, 40)}`);
  return Uint8Array.from(text.match(/../g) ?? [], (two) => parseInt(two, 16));
}

function unbase64(text) {
  let raw = "";
  try {
    raw = atob(text);
  } catch {
    need(false, `no base64: ${text.slice(0, 40)}`);
  }
  need(btoa(raw) === text, `base64 written in two ways: ${text.slice(0, 40)}`);
  return Uint8Array.from(raw, (one) => one.charCodeAt(0));
}

// --- Signed notes, checkpoints, cosignatures and policies (C2SP).

async function readKey(text, kind) {
  const [, name, number, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  need(name, `not a key: ${text.slice(0, 60)}`);
  const raw = unbase64(encoded);
  need(raw.length === 33 && raw[0] === kind, `not such a key: ${text.slice(0, 60)}`);
  need(hex(await sha256(bytes(`${name}\n`), raw)).slice(0, 8) === number, `the key of ${name} was copied wrongly`);
  const key = await crypto.subtle.importKey("raw", raw.slice(1), "Ed25519", false, ["verify"]);
  return { name, number, kind, key, public: hex(raw.slice(1)) };
}

async function verifies(key, text, signature) {
  let signed = bytes(text);
  if (key.kind === 4) {
    need(signature.length === 72, "a cosignature has a time and 64 bytes", Untrue);
    const at = signature.slice(0, 8).reduce((sum, one) => sum * 256n + BigInt(one), 0n);
    signed = bytes(`cosignature/v1\ntime ${at}\n${text}`);
    signature = signature.slice(8);
  }
  return crypto.subtle.verify("Ed25519", key.key, signature, signed);
}

export async function readPolicy(text) {
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: null };
  const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
  const publics = new Set();
  for (const line of text.split("\n")) {
    const words = line.trim().startsWith("#") ? [] : line.split(/[ \t]+/).filter(Boolean);
    const [kind, name] = words;
    if (!kind) continue;
    if (kind === "witness" || kind === "group") need(name && name !== "none" && !known(name), `policy: the name ${name} is taken`);
    if (kind === "log" || kind === "witness") {
      const at = kind === "log" ? 1 : 2;
      need(words.length > at && words.length <= at + 2, "policy: too many or too few words");
      const key = await readKey(words[at], kind === "log" ? 1 : 4);
      need(!publics.has(key.public), "policy: the same key twice");
      publics.add(key.public);
      if (kind === "log") policy.logs.push(key);
      else policy.witnesses.set(name, key);
    } else if (kind === "group") {
      const members = words.slice(3);
      const least = words[2] === "all" ? members.length : words[2] === "any" ? 1 : /^\d+$/.test(words[2]) ? Number(words[2]) : 0;
      need(members.every(known) && new Set(members).size === members.length, "policy: a group names what stands above it");
      need(least >= 1 && least <= members.length, "policy: a group asks for as many as it has");
      policy.groups.set(name, [least, members]);
    } else {
      need(kind === "quorum" && policy.quorum === null && words.length === 2, "policy: one quorum, and nothing else");
      need(name === "none" || known(name), "policy: the quorum names what stands above it");
      policy.quorum = name;
    }
  }
  need(policy.quorum && policy.logs.length, "policy: one log at least, and one quorum");
  return policy;
}

function holds(policy, name, there) {
  if (policy.witnesses.has(name)) return there.includes(name);
  const [least, members] = policy.groups.get(name);
  return members.filter((one) => holds(policy, one, there)).length >= least;
}

export async function readHead(policy, note, quorum = true) {
  const gap = note.lastIndexOf("\n\n");
  need(gap > 0 && note.endsWith("\n"), "this is no checkpoint");
  const text = note.slice(0, gap + 1);
  const parts = text.split("\n");
  need(parts.length > 3 && /^(0|[1-9]\d{0,15})$/.test(parts[1]), "this is no checkpoint");
  const signatures = note.slice(gap + 2, -1).split("\n").map((line) => {
    const words = line.split(" ");
    need(words.length === 3 && words[0] === "\u2014", `this is no signature: ${line.slice(0, 60)}`);
    return [words[1], unbase64(words[2])];
  });
  const signed = async (key) => {
    const mine = signatures.filter(([name, raw]) => name === key.name && hex(raw.slice(0, 4)) === key.number);
    for (const [, raw] of mine) need(await verifies(key, text, raw.slice(4)), `the signature of ${key.name} is not under this head`, Untrue);
    return mine.length > 0;
  };
  const root = unbase64(parts[2]);
  need(root.length === 32, "a root has 32 bytes");
  let log = false;
  for (const key of policy.logs) log = log || (key.name === parts[0] && (await signed(key)));
  need(log, "no log of the policy signed this head", Untrue);
  const there = [];
  for (const [name, key] of policy.witnesses) if (await signed(key)) there.push(name);
  const enough = !quorum || policy.quorum === "none" || holds(policy, policy.quorum, there);
  need(enough, `too few witnesses signed this head: ${there.join(", ") || "nobody"}`, Untrue);
  return { origin: parts[0], size: Number(parts[1]), root, witnesses: there };
}

// --- The tree (RFC 6962).

const leafHash = (entry) => sha256(Uint8Array.of(0), entry);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

async function rootOf(leaves) {
  if (!leaves.length) return sha256(new Uint8Array());
  let level = leaves;
  const edge = [];
  while (level.length > 1) {
    if (level.length % 2) edge.push(level[level.length - 1]);
    const above = [];
    for (let at = 0; at + 1 < level.length; at += 2) above.push(nodeHash(level[at], level[at + 1]));
    level = await Promise.all(above);
  }
  if (level.length) edge.push(level[0]); // the largest complete subtree last
  let found = edge[0];
  for (const left of edge.slice(1)) found = await nodeHash(left, found);
  return found;
}

async function inclusion(leaf, index, size, proof) {
  need(index < size, "the receipt's leaf lies outside its tree", Untrue);
  let last = size - 1;
  for (const other of proof) {
    need(last, "the receipt's proof is too long", Untrue);
    if (index % 2 || index === last) {
      leaf = await nodeHash(other, leaf);
      while (index % 2 === 0 && index) {
        index /= 2;
        last = Math.floor(last / 2);
      }
    } else leaf = await nodeHash(leaf, other);
    index = Math.floor(index / 2);
    last = Math.floor(last / 2);
  }
  need(!last, "the receipt's proof is too short", Untrue);
  return leaf;
}

// --- Receipts.

export async function readReceipt(text, policy) {
  const gap = text.indexOf("\n\n");
  const lines = text.slice(0, Math.max(gap, 0)).split("\n");
  const whole = gap > 0 && lines.length > 2 && lines[0] === "c2sp.org/tlog-proof@v1" && lines[1].startsWith("extra ");
  need(whole && /^index (0|[1-9]\d{0,15})$/.test(lines[2]), "this is no receipt, or it is cut");
  let entry, fields, facts;
  try {
    ({ entry, fields } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(unbase64(lines[1].slice(6)))));
    facts = JSON.parse(entry);
    need(typeof entry === "string" && fields && typeof facts.entry === "string", "x");
  } catch {
    throw new Bad("the receipt holds no entry");
  }
  const head = await readHead(policy, text.slice(gap + 2));
  const index = Number(lines[2].slice(6));
  const found = await inclusion(await leafHash(bytes(entry)), index, head.size, lines.slice(3).map(unbase64));
  need(same(found, head.root), "the receipt's entry does not stand in the log under this head", Untrue);
  const leaves = [];
  for (const field of Object.keys(fields).sort()) {
    const { salt, value } = fields[field];
    need(typeof salt === "string" && typeof value === "string", "the receipt opens nothing");
    leaves.push(await leafHash(await sha256(bytes(`dolbom/commitment/v1\n${facts.entry}\n${field}\n`), unhex(salt), bytes(value))));
  }
  const opens = !leaves.length || hex(await rootOf(leaves)) === facts.commit;
  need(opens, "the receipt's names and reasons are not those of its entry", Untrue);
  return { index, facts, entry, fields, head };
}

// --- Replay.

const words = (text) => new Set(text.split(" "));
const REFUSALS = words(
  "no_vacancy_in_class class_not_operated capacity_frozen ratio_exceeded infectious_disease documents_missing no_place_those_hours not_wanted_yet",
);
const OVERRIDES = words("court_order child_protection disaster error_of_office");
const ENDS = words("withdrawn elsewhere double left refused ended");
const QUIET = words("key witness policy close visit extend");
const HELD = ["offered", "accepted", "admitted"];
const FROM = {
  apply: [], migrate: [], assess: null, correct: null, override: ["waiting"], offer: ["waiting"], accept: ["offered"],
  decline: ["offered"], expire: ["waiting", "offered", "accepted"], admit: ["accepted"], withdraw: ["waiting", ...HELD],
  reopen: ["out"], erase: null,
};

class Broken extends Error {}
const must = (holds, rule) => need(holds, rule, Broken);
const whole = (value) => Number.isSafeInteger(value);

function before(a, b) {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return a[at] < b[at];
  return false;
}

class List {
  constructor() {
    Object.assign(this, { order: "", coming: null, on: "", places: null, batch: null, last: [0, ""], offered: false });
    this.entries = new Map();
    this.outOf = new Set();
    this.overridden = new Set();
  }
  key(one) {
    return [this.order === "tier" ? one.tier : 0, -one.points, one.cohort, one.index];
  }
  ranking() {
    const waiting = [...this.entries].filter(([, one]) => one.is === "waiting").map(([name, one]) => [this.key(one), name]);
    return waiting.sort(([a], [b]) => (before(a, b) ? -1 : 1)).map(([, name]) => name);
  }
}

// Keys by code point, as Python sorts them; JavaScript sorts by UTF-16 units.
function byPoint(a, b) {
  const x = [...a], y = [...b];
  for (let at = 0; at < Math.min(x.length, y.length); at++) if (x[at] !== y[at]) return x[at].codePointAt(0) - y[at].codePointAt(0);
  return x.length - y.length;
}

function canonical(facts) {
  // JSON.stringify escapes as Python does with ensure_ascii off, but for lone halves of characters, which are refused.
  return `{${Object.keys(facts).sort(byPoint).map((name) => `${JSON.stringify(name)}:${JSON.stringify(facts[name])}`).join(",")}}`;
}

export class Lists {
  constructor() {
    this.lists = new Map();
    this.violations = [];
  }
  at(name) {
    if (!this.lists.has(name)) this.lists.set(name, new List());
    return this.lists.get(name);
  }
  take(index, raw) {
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
      const facts = JSON.parse(text);
      const plain = facts && typeof facts === "object" && !Array.isArray(facts);
      must(plain && Object.values(facts).every((value) => typeof value === "string" || whole(value)), "canonical JSON");
      must(canonical(facts) === text && raw.length <= 2048, "canonical JSON of 2,048 bytes at most");
      if (!QUIET.has(facts.kind)) {
        must(typeof facts.list === "string", "a list");
        this.step(index, facts, this.at(facts.list));
      }
    } catch (error) {
      this.violations.push([index, error.message]);
    }
  }
  step(index, f, at) {
    must(typeof f.on === "string" && /^\d{4}-\d\d-\d\d$/.test(f.on) && f.on >= at.on, "days that never fall");
    at.on = f.on;
    if (at.coming && at.coming[0] <= at.on) [at.order, at.coming] = [at.coming[1], null];
    const { kind, vacancy: place, entry: name } = f;
    if (kind === "capacity") {
      must(whole(f.places) && f.places >= 0, "a number of places");
      at.places = f.places;
      return;
    }
    if (kind === "rule") {
      must(f.order === "points" || f.order === "tier", "an order by points or tier");
      if (at.ranking().length) {
        must(typeof f.from === "string" && f.from > f.on, "a rule announced before it holds");
        at.coming = [f.from, f.order];
      } else at.order = f.order;
      return;
    }
    must(Object.hasOwn(FROM, kind), "a known kind");
    must(typeof name === "string", "an entry");
    const states = f.source === "import" ? [] : FROM[kind];
    const one = at.entries.get(name);
    const fresh = states !== null && !states.length;
    must(fresh === !one, fresh ? "a new entry" : "an entry that is in the list");
    must(fresh || states === null || states.includes(one.is), `an entry that is ${states}`);
    if (["accept", "decline", "admit"].includes(kind) && !fresh || kind === "expire" && place !== undefined) {
      must(one.vacancy === place && place !== undefined && place !== null, "the place that was offered");
    }
    if (["apply", "migrate", "correct"].includes(kind) || kind === "assess" && !("refusal" in f) && !("to" in f)) {
      must(whole(f.tier) && f.tier >= 0 && f.tier <= 9 && whole(f.points), "tier and points");
    }
    if (fresh) {
      must(at.order || kind === "admit", "a list with a rule");
      if (kind === "migrate") {
        must(!at.offered && (at.batch === null || at.batch === f.batch), "one paper list, before the first offer");
        must(f.number === at.last[0] + 1 && typeof f.original === "string" && f.original >= at.last[1], "a paper list in its order");
        [at.batch, at.last] = [f.batch, [f.number, f.original]];
      }
      at.entries.set(name, {
        tier: f.tier ?? 9, points: f.points ?? 0, cohort: kind === "migrate" ? 0 : 1, index, vacancy: null, why: "",
        is: kind === "admit" ? "admitted" : "waiting",
      });
    } else if (kind === "assess" && "refusal" in f) {
      must(REFUSALS.has(f.refusal) && one.is === "waiting", "a refusal with a lawful code, of somebody who waits");
      must(place !== undefined, "a vacancy");
      at.outOf.add(`${place} ${name}`);
    } else if (kind === "assess" && "to" in f) {
      const to = this.at(f.to);
      const stays = f.to.split("/")[0] === f.list.split("/")[0];
      must(stays && to.order && !to.entries.has(name) && ["waiting", "admitted"].includes(one.is), "a list of the same facility that takes it");
      to.entries.set(name, one);
      at.entries.delete(name);
    } else if (kind === "assess" || kind === "correct") {
      must(kind === "assess" || (f.reason && f.by.includes("/")), "a correction with its reason and author");
      Object.assign(one, { tier: f.tier, points: f.points });
    } else if (kind === "override") {
      const officers = [f.first, f.second].map((who) => [who.slice(0, Math.max(who.indexOf("/"), 0)), who.slice(who.indexOf("/") + 1)]);
      must(OVERRIDES.has(f.reason), "an override with a lawful code");
      must(officers.flat().every(Boolean) && officers[0][0] !== officers[1][0], "an override by officers of two organisations");
      must(place !== undefined, "a vacancy");
      at.overridden.add(`${place} ${name}`);
    } else if (kind === "offer") {
      const mine = at.key(one);
      const held = [...at.entries.values()].filter((other) => HELD.includes(other.is)).map((other) => other.vacancy);
      must(!at.outOf.has(`${place} ${name}`), "an offer to somebody who takes part");
      const first = ![...at.entries].some(
        ([who, other]) => other.is === "waiting" && before(at.key(other), mine) && !at.outOf.has(`${place} ${who}`),
      );
      must(first || at.overridden.has(`${place} ${name}`), "an offer to the first in line");
      must(whole(place) && !held.includes(place), "a place that is free");
      must(at.places === null || held.length < at.places, "no more offers than places");
      Object.assign(one, { is: "offered", vacancy: place });
      at.offered = true;
    } else if (kind === "accept") one.is = "accepted";
    else if (kind === "admit") {
      must(f.source === "offer", "an offer or an import");
      one.is = "admitted";
    } else if ((kind === "decline" || kind === "expire") && f.then === "back") {
      must(place !== undefined, "an offer that ends");
      Object.assign(one, { is: "waiting", vacancy: null, index });
    } else if (kind === "reopen") {
      must(one.why === "refused" && f.reason, "an entry that was refused, and why");
      Object.assign(one, { is: "waiting", why: "" });
    } else if (kind !== "erase" || one.is !== "out") {
      must(!["decline", "expire"].includes(kind) || f.then === "out", "back or out");
      must(kind !== "withdraw" || ENDS.has(f.reason), "a known reason to leave");
      Object.assign(one, { is: "out", vacancy: null, why: kind === "withdraw" ? f.reason : kind });
    }
  }
}

// --- A published log: `read(path)` gives the bytes of a file, or null.

function pathOf(number, width) {
  let path = String(number % 1000).padStart(3, "0");
  for (let rest = Math.floor(number / 1000); rest; rest = Math.floor(rest / 1000)) path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  return width < 256 ? `${path}.p/${width}` : path;
}

export async function audit(read, policyText, heads = []) {
  const policy = await readPolicy(policyText);
  const file = async (path) => {
    const raw = await read(path);
    need(raw, `${path} is missing`, Untrue);
    return raw;
  };
  const head = await readHead(policy, new TextDecoder().decode(await file("checkpoint")));
  const older = [];
  for (const note of heads) older.push(await readHead(policy, note, false));
  need(older.every((one) => one.origin !== head.origin || one.size <= head.size), "a longer log was signed before: this one was cut", Untrue);
  const raw = await read("ranking.json");
  const shown = raw ? JSON.parse(new TextDecoder().decode(raw)) : { size: -1, lists: {} };
  const leaves = [];
  const lists = new Lists();
  let order = new Map();
  for (let number = 0; number * 256 < head.size; number++) {
    const width = Math.min(256, head.size - number * 256);
    const path = pathOf(number, width);
    const [bundle, hashes] = [await file(`tile/entries/${path}`), await file(`tile/0/${path}`)];
    let at = 0;
    for (let place = 0; place < width; place++) {
      const length = bundle[at] * 256 + bundle[at + 1];
      need(at + 2 + length <= bundle.length, `bundle ${number} is cut`, Untrue);
      const entry = bundle.slice(at + 2, at + 2 + length);
      const leaf = await leafHash(entry);
      need(same(leaf, hashes.slice(place * 32, place * 32 + 32)), `leaf ${leaves.length} is not what its tile says`, Untrue);
      lists.take(leaves.length, entry);
      leaves.push(leaf);
      if (leaves.length === shown.size) order = new Map([...lists.lists].map(([name, list]) => [name, list.ranking()]));
      at += 2 + length;
    }
    need(at === bundle.length && hashes.length === 32 * width, `tile ${number} has more in it than it should`, Untrue);
  }
  for (let level = 1, each = 256; each <= head.size; level++, each *= 256) {
    const complete = [];
    for (let at = 0; (at + 1) * each <= head.size; at++) complete.push(await rootOf(leaves.slice(at * each, (at + 1) * each)));
    for (let at = 0; at < complete.length; at += 256) {
      const part = joined(...complete.slice(at, at + 256));
      const there = await file(`tile/${level}/${pathOf(at / 256, part.length / 32)}`);
      need(same(there, part), `tile ${at / 256} of level ${level} is not what its leaves give`, Untrue);
    }
  }
  need(same(await rootOf(leaves), head.root), "the leaves do not give the root that was signed", Untrue);
  for (const one of older) {
    const begins = one.origin !== head.origin || same(await rootOf(leaves.slice(0, one.size)), one.root);
    need(begins, `a head over ${one.size} leaves was signed that this log does not begin with`, Untrue);
  }
  need(shown.size <= head.size, "an order is shown that nobody sealed", Untrue);
  const names = new Set([...order.keys(), ...Object.keys(shown.lists)]);
  const different = [...names].filter((name) => String(order.get(name) ?? []) !== String(shown.lists[name] ?? [])).sort();
  return { head, lists, different, violations: lists.violations, ok: !lists.violations.length && !different.length };
}

// --- The page.

async function told(work) {
  try {
    return await work();
  } catch (error) {
    return { error: error.message, bad: !(error instanceof Untrue) };
  }
}

function bind(root) {
  const out = root.querySelector("[data-said]");
  const say = (key, facts = {}) => {
    const text = root.querySelector(`template[data-text="${key}"]`).content.textContent;
    return text.replace(/\{(\w+)\}/g, (_all, name) => facts[name] ?? "");
  };
  const show = (kind, lines) => {
    out.replaceChildren(...lines.map((line, at) => Object.assign(document.createElement(at ? "p" : "h2"), { textContent: line })));
    out.dataset.said = kind;
    out.focus();
  };
  const text = async (name) => {
    const file = root.querySelector(`input[name=${name}-file]`)?.files[0];
    return file ? file.text() : root.querySelector(`textarea[name=${name}]`).value.replace(/\r\n/g, "\n");
  };
  root.querySelector("form[data-receipt]").addEventListener("submit", async (event) => {
    event.preventDefault();
    const policy = await text("policy");
    const found = await told(async () => readReceipt(await text("receipt"), await readPolicy(policy)));
    if (found.error) return show(found.bad ? "bad" : "false", [say(found.bad ? "bad" : "false"), found.error]);
    const { facts, head } = found;
    const lines = [say("receipt", { index: found.index, list: facts.list }), say("when", { day: facts.on, points: facts.points })];
    for (const [field, { value }] of Object.entries(found.fields)) lines.push(say(`field-${field}`, { value: value.replace("\n", ", ") || "—" }));
    lines.push(say("witnesses", { names: head.witnesses.join(", ") || "—", size: head.size }));
    return show("ok", lines);
  });
  root.querySelector("form[data-log]").addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = new Map(
      Array.from(root.querySelector("input[name=folder]").files, (file) => [file.webkitRelativePath.split("/").slice(1).join("/"), file]),
    );
    const read = async (path) => (files.has(path) ? new Uint8Array(await files.get(path).arrayBuffer()) : null);
    const policy = await text("policy");
    const found = await told(() => audit(read, policy));
    if (found.error) return show(found.bad ? "bad" : "false", [say(found.bad ? "bad" : "false"), found.error]);
    const lines = [say(found.ok ? "log" : "false", { size: found.head.size, lists: found.lists.lists.size })];
    for (const [index, rule] of found.violations) lines.push(say("violation", { index, rule }));
    for (const name of found.different) lines.push(say("different", { list: name }));
    lines.push(say("witnesses", { names: found.head.witnesses.join(", ") || "—", size: found.head.size }));
    return show(found.ok ? "ok" : "false", lines);
  });
  const able = crypto.subtle && crypto.subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["verify"]);
  Promise.resolve(able).then((key) => key || show("bad", [say("unable")]), () => show("bad", [say("unable")]));
}

if (typeof document !== "undefined") {
  const root = document.querySelector("[data-verify]");
  if (root) bind(root);
}
