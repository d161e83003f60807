#!/usr/bin/env python3
"""Verify a waiting list that proves itself. Needs Python 3.9 and nothing else; trust nothing of the server, read this file.

    python verify.py FOLDER --policy FILE [--receipt FILE] [--head FILE]... [--seen FILE] [--json]
    python verify.py --policy FILE --receipt FILE            a receipt alone, without any network

FOLDER is a published log (checkpoint, tile/..., ranking.json); the policy names the log's key, the witnesses and the quorum:
take it from somebody you trust. --head names older checkpoints that must be beginnings of this log; --seen keeps the last
head you accepted and compares the next one with it. Exit code 0: everything holds; 1: it does not; 2: bad input.
"""
import argparse, base64, hashlib, json, os, re, sys
from collections import Counter
class Bad(Exception): """The input cannot be read."""
class Untrue(Exception): """What was read does not hold."""
def need(holds, said, kind=Bad):
    if not holds:
        raise kind(said)
def sha256(raw): return hashlib.sha256(raw).digest()
# --- Ed25519 verification (RFC 8032, 5.1.7), strict: canonical points and scalars, no key of small order.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, I, ZERO = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P), (0, 1, 1, 0)
def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return ((f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P)
def times(n, point):
    found = ZERO
    while n:
        found, point, n = add(found, point) if n & 1 else found, add(point, point), n >> 1
    return found
def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0
def point_of(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x * I % P if (x * x - square) % P else x
    if y >= P or (x * x - square) % P or x == 0 and sign:
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)
BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
def ed25519(public, message, signature):
    """Whether the signature of a message is the public key's."""
    if len(public) != 32 or len(signature) != 64: return False
    key, commitment, s = point_of(public), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or s >= L or same(times(8, key), ZERO): return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same(times(s, BASE), add(commitment, times(k, key)))
# --- Signed notes, checkpoints, cosignatures and policies (C2SP).
def unbase64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    need(base64.b64encode(raw).decode() == text, "no base64: %r" % text[:40])
    return raw
class Key:
    """A public key under a name; kind 1 signs a log, kind 4 is a witness."""
    def __init__(self, text, kind):
        self.name, _, rest = text.partition("+")
        number, _, encoded = rest.partition("+")
        raw = unbase64(encoded)
        need(len(raw) == 33 and raw[0] == kind and re.fullmatch(r"[^\s+]+", self.name), "not such a key: " + text[:60])
        self.kind, self.public, self.number = kind, raw[1:], sha256(self.name.encode() + b"\n" + raw)[:4]
        need(self.number.hex() == number, "the key of %s was copied wrongly" % self.name)
    def verifies(self, text, signature):
        if self.kind == 4:
            need(len(signature) == 72, "a cosignature has a time and 64 bytes", Untrue)
            text = "cosignature/v1\ntime %d\n%s" % (int.from_bytes(signature[:8], "big"), text)
            signature = signature[8:]
        return ed25519(self.public, text.encode(), signature)
class Policy:
    """Whom one trusts: logs, witnesses, and which of them together suffice."""
    def __init__(self, text):
        self.logs, self.witnesses, self.groups, self.quorum, publics = [], {}, {}, None, set()
        for number, line in enumerate(text.split("\n"), 1):
            words = [] if line.strip().startswith("#") else line.split()
            try:
                if words:
                    self._line(words, publics)
            except (Bad, IndexError, ValueError) as error:
                raise Bad("policy, line %d: %s" % (number, error)) from None
        need(self.quorum and self.logs, "policy: one log at least, and one quorum")
    def _line(self, words, publics):
        kind, known = words[0], lambda name: name in self.groups or name in self.witnesses
        if kind in ("witness", "group"):
            need(words[1] != "none" and not known(words[1]), "the name %s is taken" % words[1])
        if kind in ("log", "witness"):
            at = 1 if kind == "log" else 2
            key = Key(words[at], 1 if kind == "log" else 4)
            need(key.public not in publics and len(words) <= at + 2, "the same key twice, or too many words")
            publics.add(key.public)
            self.logs += [key] if kind == "log" else []
            self.witnesses.update({words[1]: key} if kind == "witness" else {})
        elif kind == "group":
            members = words[3:]
            least = len(members) if words[2] == "all" else 1 if words[2] == "any" else int(words[2])
            need(all(map(known, members)) and len(set(members)) == len(members) >= least >= 1, "a group names so many of those above it")
            self.groups[words[1]] = (least, members)
        else:
            need(kind == "quorum" and self.quorum is None and len(words) == 2, "a log, a witness, a group, or one quorum")
            need(words[1] == "none" or known(words[1]), "the quorum names what stands above it")
            self.quorum = words[1]
    def _holds(self, name, there):
        if name in self.witnesses:
            return name in there
        return sum(self._holds(one, there) for one in self.groups[name][1]) >= self.groups[name][0]
    def head(self, note, quorum=True):
        """Origin, size and root of a checkpoint that the log signed and enough witnesses cosigned; and who they are."""
        text, gap, lines = note.rpartition("\n\n")
        text, signatures = text + "\n", []
        parts = text.split("\n")
        need(gap and lines.endswith("\n") and len(parts) > 3 and re.fullmatch(r"0|[1-9]\d{0,18}", parts[1]), "this is no checkpoint")
        for line in lines[:-1].split("\n"):
            words = line.split(" ")
            need(len(words) == 3 and words[0] == "\u2014", "this is no signature: %r" % line[:60])
            signatures.append((words[1], unbase64(words[2])))
        def signed(key):
            mine = [raw[4:] for name, raw in signatures if (name, raw[:4]) == (key.name, key.number)]
            need(all(key.verifies(text, one) for one in mine), "the signature of %s is not under this head" % key.name, Untrue)
            return bool(mine)
        root = unbase64(parts[2])
        need(len(root) == 32, "a root has 32 bytes")
        need(any(key.name == parts[0] and signed(key) for key in self.logs), "no log of the policy signed this head", Untrue)
        there = sorted(name for name, key in self.witnesses.items() if signed(key))
        enough = not quorum or self.quorum == "none" or self._holds(self.quorum, there)
        need(enough, "too few witnesses signed this head: " + (", ".join(there) or "nobody"), Untrue)
        return parts[0], int(parts[1]), root, there
# --- The tree (RFC 6962) out of tiles.
def node(left, right): return sha256(b"\x01" + left + right)
class Tree:
    """Adds leaves one by one; knows its root at every size it is asked for beforehand."""
    def __init__(self, wanted):
        self.stack, self.size, self.roots, self.wanted, self.tiles = [], 0, {0: sha256(b"")}, set(wanted), {}
    def add(self, leaf):
        self.size += 1
        size, height = self.size, 0
        while not size & 1:
            leaf, size, height = node(self.stack.pop(), leaf), size >> 1, height + 1
            if height % 8 == 0:
                self.tiles.setdefault(height // 8, bytearray()).extend(leaf)
        self.stack.append(leaf)
        if self.size in self.wanted:
            for left in reversed(self.stack[:-1]):
                leaf = node(left, leaf)
            self.roots[self.size] = leaf
def inclusion(leaf, index, size, proof):
    """The root that a proof leads to."""
    need(0 <= index < size, "the receipt's leaf lies outside its tree", Untrue)
    last = size - 1
    for other in proof:
        need(last, "the receipt's proof is too long", Untrue)
        if index & 1 or index == last:
            leaf = node(other, leaf)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = node(leaf, other)
        index, last = index >> 1, last >> 1
    need(not last, "the receipt's proof is too short", Untrue)
    return leaf
def text_of(*parts, missing=None):
    try:
        with open(os.path.join(*parts), "rb") as file:
            return file.read()
    except OSError as error:
        raise (missing or Bad)("%s cannot be read (%s)" % ("/".join(parts[-3:]), error.strerror)) from None
def path_of(number, width):
    path, rest = "%03d" % (number % 1000), number // 1000
    while rest:
        path, rest = "x%03d/%s" % (rest % 1000, path), rest // 1000
    return path + ("" if width == 256 else ".p/%d" % width)
def leaves(folder, size):
    """The entries of a published log, each compared with the tile of hashes beside it."""
    for number in range(-(-size // 256)):
        width = min(256, size - number * 256)
        path = path_of(number, width)
        raw, hashes, at = text_of(folder, "tile", "entries", path, missing=Untrue), text_of(folder, "tile", "0", path, missing=Untrue), 0
        for place in range(width):
            length = int.from_bytes(raw[at:at + 2], "big")
            entry = raw[at + 2:at + 2 + length]
            need(len(raw) >= at + 2 + length and len(raw) > at + 1, "bundle %d is cut" % number, Untrue)
            leaf = sha256(b"\x00" + entry)
            need(hashes[place * 32:place * 32 + 32] == leaf, "leaf %d is not what its tile says" % (number * 256 + place), Untrue)
            yield entry, leaf
            at += 2 + length
        need(at == len(raw) and len(hashes) == 32 * width, "tile %d has more in it than it should" % number, Untrue)
# --- Replay: what the entries say of every list (docs/log.md).
REFUSALS = set("no_vacancy_in_class class_not_operated capacity_frozen ratio_exceeded infectious_disease documents_missing "
               "no_place_those_hours not_wanted_yet".split())
OVERRIDES, ENDS = "court_order child_protection disaster error_of_office".split(), "withdrawn elsewhere double left refused ended".split()
QUIET, HELD = "key witness policy close visit extend".split(), ("offered", "accepted", "admitted")
class Broken(Exception): """A rule that a leaf breaks."""
def must(holds, rule): need(holds, rule, Broken)
class List:
    """One list: the rule of its order, its places, its entries."""
    def __init__(self):
        self.order, self.coming, self.on, self.places, self.batch, self.last, self.offered = "", None, "", None, None, (0, ""), False
        self.entries, self.out_of, self.overridden = {}, set(), set()
    def key(self, one):
        return (one["tier"] if self.order == "tier" else 0, -one["points"], one["cohort"], one["index"])
    def ranking(self):
        return [name for _, name in sorted((self.key(one), name) for name, one in self.entries.items() if one["is"] == "waiting")]
class Lists:
    """All lists, leaf after leaf; what breaks a rule is a violation and moves nothing."""
    #: Kind -> the states in which it may find its entry; none: the entry is new; "any": all of them.
    FROM = {"apply": (), "migrate": (), "assess": "any", "correct": "any", "override": ("waiting",), "offer": ("waiting",),
            "accept": ("offered",), "decline": ("offered",), "expire": ("waiting", "offered", "accepted"), "admit": ("accepted",),
            "withdraw": ("waiting",) + HELD, "reopen": ("out",), "erase": "any"}
    def __init__(self):
        self.lists, self.violations, self.left = {}, [], Counter()
    def take(self, index, raw):
        try:
            f = json.loads(raw)
            plain = isinstance(f, dict) and all(type(v) is str or type(v) is int and abs(v) < 2**53 for v in f.values())
            must(plain and json.dumps(f, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() == raw, "canonical JSON")
            must(len(raw) <= 2048, "2,048 bytes at most")
            if f["kind"] not in QUIET:
                self.step(index, f, self.lists.setdefault(f["list"], List()))
        except Broken as error:
            self.violations.append((index, str(error)))
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            self.violations.append((index, "an entry with what its kind needs (%s)" % error))
    def step(self, index, f, at):
        must(f["on"] >= at.on and re.fullmatch(r"\d{4}-\d\d-\d\d", f["on"]), "days that never fall")
        at.on = f["on"]
        if at.coming and at.coming[0] <= at.on:
            at.order, at.coming = at.coming[1], None
        kind, place, facility = f["kind"], f.get("vacancy"), f["list"].split("/")[0]
        if kind in ("capacity", "rule"):
            must(f["places"] >= 0 if kind == "capacity" else f["order"] in ("points", "tier"), "a number of places, or an order")
            waiting = kind == "rule" and at.ranking()
            must(not waiting or f["from"] > f["on"], "a rule announced before it holds")
            at.places = f.get("places", at.places)
            at.order, at.coming = (at.order, (f["from"], f["order"])) if waiting else (f.get("order", at.order), at.coming)
            return
        must(kind in self.FROM, "a known kind")
        name, states = f["entry"], () if f.get("source") == "import" else self.FROM[kind]
        one = at.entries.get(name)
        must((one is None) is (not states), "an entry that is in the list" if states else "a new entry")
        must(states in ((), "any") or one["is"] in states, "an entry that is " + " or ".join(states))
        if kind in ("accept", "decline", "admit") and states or kind == "expire" and place is not None:
            must(one["vacancy"] == place is not None, "the place that was offered")
        if kind in ("apply", "migrate", "correct") or kind == "assess" and "refusal" not in f and "to" not in f:
            must(type(f["tier"]) is int and 0 <= f["tier"] <= 9 and type(f["points"]) is int, "tier and points")
        if kind in ("apply", "migrate") or not states:
            must(at.order or kind == "admit", "a list with a rule")
            if kind == "migrate":
                must(not at.offered and at.batch in (None, f["batch"]), "one paper list, before the first offer")
                must(f["number"] == at.last[0] + 1 and f["original"] >= at.last[1], "a paper list in its order")
                at.batch, at.last = f["batch"], (f["number"], f["original"])
            at.entries[name] = {"tier": f.get("tier", 9), "points": f.get("points", 0), "cohort": int(kind != "migrate"), "index": index,
                                "vacancy": None, "why": "", "is": "admitted" if kind == "admit" else "waiting"}
        elif kind == "assess" and "refusal" in f:
            must(f["refusal"] in REFUSALS and one["is"] == "waiting", "a refusal with a lawful code, of somebody who waits")
            at.out_of.add((place, name))
            self.left[facility, f["refusal"]] += 1
        elif kind == "assess" and "to" in f:
            to = self.lists.setdefault(f["to"], List())
            must(f["to"].split("/")[0] == facility and to.order and name not in to.entries and one["is"] in ("waiting", "admitted"),
                 "a list of the same facility that takes it")
            to.entries[name] = at.entries.pop(name)
        elif kind in ("assess", "correct"):
            must(kind == "assess" or f["reason"] and "/" in f["by"], "a correction with its reason and author")
            one.update(tier=f["tier"], points=f["points"])
        elif kind == "override":
            a, b = f["first"].split("/", 1), f["second"].split("/", 1)
            must(f["reason"] in OVERRIDES, "an override with a lawful code")
            must(len(a) == len(b) == 2 and all(a + b) and a[0] != b[0], "an override by officers of two organisations")
            at.overridden.add((place, name))
            self.left[facility, "override"] += 1
        elif kind == "offer":
            key, held = at.key(one), [o["vacancy"] for o in at.entries.values() if o["is"] in HELD]
            must((place, name) not in at.out_of, "an offer to somebody who takes part")
            first = not any(o["is"] == "waiting" and at.key(o) < key and (place, n) not in at.out_of for n, o in at.entries.items())
            must(first or (place, name) in at.overridden, "an offer to the first in line")
            must(type(place) is int and place not in held, "a place that is free")
            must(at.places is None or len(held) < at.places, "no more offers than places")
            one.update({"is": "offered", "vacancy": place})
            at.offered = True
        elif kind in ("accept", "admit"):
            must(kind == "accept" or f["source"] == "offer", "an offer or an import")
            one["is"] = {"accept": "accepted", "admit": "admitted"}[kind]
        elif kind in ("decline", "expire") and f["then"] == "back":
            must(place is not None, "an offer that ends")
            one.update({"is": "waiting", "vacancy": None, "index": index})
        elif kind == "reopen":
            must(one["why"] == "refused" and f["reason"], "an entry that was refused, and why")
            one.update({"is": "waiting", "why": ""})
        elif kind != "erase" or one["is"] != "out":
            must(kind not in ("decline", "expire") or f["then"] == "out", "back or out")
            must(kind != "withdraw" or f["reason"] in ENDS, "a known reason to leave")
            one.update({"is": "out", "vacancy": None, "why": f["reason"] if kind == "withdraw" else kind})
# --- Receipts.
def receipt_of(text, policy):
    """A family's receipt: its leaf, where it stands, under which head, and what it opens."""
    lines, gap, note = text.partition("\n\n")
    lines = lines.split("\n")
    whole = gap and len(lines) > 2 and lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("extra ")
    need(whole and re.fullmatch(r"index (0|[1-9]\d{0,18})", lines[2]), "this is no receipt, or it is cut")
    try:
        extra = json.loads(unbase64(lines[1][6:]))
        entry, fields = extra["entry"].encode(), extra["fields"]
        facts, tree, index = json.loads(entry), Tree([len(fields)]), int(lines[2][6:])
        for field in sorted(fields):
            salt, value = bytes.fromhex(fields[field]["salt"]), fields[field]["value"].encode()
            hidden = sha256(("dolbom/commitment/v1\n%s\n%s\n" % (facts["entry"], field)).encode() + salt + value)
            tree.add(sha256(b"\x00" + hidden))
        opens = not fields or tree.roots[len(fields)].hex() == facts.get("commit")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Bad("the receipt holds no entry, or opens nothing") from None
    origin, size, root, witnesses = policy.head(note)
    found = inclusion(sha256(b"\x00" + entry), index, size, [unbase64(one) for one in lines[3:]])
    need(found == root, "the receipt's entry does not stand in the log under this head", Untrue)
    need(opens, "the receipt's names and reasons are not those of its entry", Untrue)
    return {"index": index, "facts": facts, "raw": entry, "head": (origin, size, root, witnesses)}
def place_of(name, lists):
    """Where an entry stands now, and how many stand before it, by points alone."""
    for title, at in lists.lists.items():
        if name in at.entries:
            one, order = at.entries[name], at.ranking()
            if one["is"] != "waiting": return {"list": title, "state": one["why"] or one["is"]}
            rank = order.index(name) + 1
            ahead = Counter(at.entries[other]["points"] for other in order[:rank - 1])
            return {"list": title, "state": "waiting", "rank": rank, "of": len(order), "points": one["points"],
                    "ahead": {str(points): ahead[points] for points in sorted(ahead, reverse=True)}}
    raise Untrue("the receipt's entry is in no list")
def check(asked, told, said):
    policy = Policy(text_of(asked.policy).decode())
    receipt = receipt_of(text_of(asked.receipt).decode(), policy) if asked.receipt else None
    if receipt:
        told["receipt"] = {"index": receipt["index"], "entry": receipt["facts"], "witnesses": receipt["head"][3]}
        said.append("Receipt: leaf %d stands in the log; witnesses: %s." % (receipt["index"], ", ".join(receipt["head"][3]) or "none"))
    need(asked.folder or receipt, "name a folder, a receipt, or both")
    return audit(asked, policy, receipt, told, said) if asked.folder else 0
def audit(asked, policy, receipt, told, said):
    note = text_of(asked.folder, "checkpoint", missing=Untrue).decode()
    origin, size, root, witnesses = policy.head(note)
    older = asked.head + ([asked.seen] if asked.seen and os.path.exists(asked.seen) else [])
    heads = [policy.head(text_of(path).decode(), quorum=False) for path in older] + ([receipt["head"]] if receipt else [])
    heads = [head for head in heads if head[0] == origin]
    need(all(head[1] <= size for head in heads), "a longer log was signed before: this one was cut", Untrue)
    path = asked.ranking or os.path.join(asked.folder, "ranking.json")
    shown = json.loads(text_of(path)) if asked.ranking or os.path.exists(path) else {"size": -1, "lists": {}}
    tree, lists, order = Tree([head[1] for head in heads] + [size]), Lists(), {}
    for index, (entry, leaf) in enumerate(leaves(asked.folder, size)):
        tree.add(leaf)
        lists.take(index, entry)
        if index + 1 == shown["size"]:
            order = {name: at.ranking() for name, at in lists.lists.items()}
        same_leaf = not receipt or index != receipt["index"] or entry == receipt["raw"]
        need(same_leaf, "another entry stands at leaf %d than the receipt's" % index, Untrue)
    for level, number in ((level, number) for level, raw in tree.tiles.items() for number in range(-(-len(raw) // 8192))):
        part = tree.tiles[level][number * 8192:number * 8192 + 8192]
        there = text_of(asked.folder, "tile", str(level), path_of(number, len(part) // 32), missing=Untrue)
        need(there == part, "tile %d of level %d is not what its leaves give" % (number, level), Untrue)
    need(tree.roots[size] == root, "the leaves do not give the root that was signed", Untrue)
    for head in heads:
        need(tree.roots[head[1]] == head[2], "a head over %d leaves was signed that this log does not begin with" % head[1], Untrue)
    need(shown["size"] <= size, "an order is shown that nobody sealed", Untrue)
    wrong = sorted(name for name in set(order) | set(shown["lists"]) if (shown["lists"].get(name) or []) != (order.get(name) or []))
    told.update(size=size, root=root.hex(), origin=origin, witnesses=witnesses, lists=len(lists.lists), different=wrong,
                violations=[{"leaf": index, "rule": rule} for index, rule in lists.violations],
                left=[{"facility": place, "code": what, "count": count} for (place, what), count in sorted(lists.left.items())])
    said.append("%s: %d leaves, %d lists; witnesses: %s." % (origin, size, len(lists.lists), ", ".join(witnesses) or "none"))
    said += ["%s: %s, %d times" % (place, what, count) for (place, what), count in sorted(lists.left.items())]
    said += ["VIOLATION at leaf %d: it should have been %s" % pair for pair in lists.violations]
    said += ["VIOLATION: the order shown of %s is not the log's" % name for name in wrong]
    if receipt:
        told["place"] = place = place_of(receipt["facts"]["entry"], lists)
        ahead = ", ".join("%s with %s points" % (count, points) for points, count in place.get("ahead", {}).items()) or "nobody"
        said.append("You are %d of %d in %s with %d points. Before you: %s. Among equal points the earlier leaf comes first."
                    % (place["rank"], place["of"], place["list"], place["points"], ahead) if "rank" in place
                    else "Your entry in %s: %s." % (place["list"], place["state"]))
    if asked.seen and not lists.violations and not wrong:
        with open(asked.seen, "wb") as file:
            file.write(note.encode())
    return 1 if lists.violations or wrong else 0
def main(words=None):
    parser = argparse.ArgumentParser(description="Verify a waiting list that proves itself.")
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--policy", required=True)
    parser.add_argument("--head", action="append", default=[])
    parser.add_argument("--json", action="store_true")
    [parser.add_argument(name) for name in ("--receipt", "--ranking", "--seen")]
    asked, told, said = parser.parse_args(words), {}, []
    try:
        code = check(asked, told, said)
    except (Bad, Untrue, OSError, ValueError, KeyError, TypeError) as error:
        code, told["error"] = 1 if isinstance(error, Untrue) else 2, str(error)
        said.append("%s: %s" % ("FALSE" if code == 1 else "error", error))
    told["ok"] = code == 0
    print(json.dumps(told, ensure_ascii=False) if asked.json else "\n".join(said))
    return code

if __name__ == "__main__":
    sys.exit(main())
