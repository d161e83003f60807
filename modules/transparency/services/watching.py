"""Whom the log is watched by: witnesses come and go on record, and the policy names them with the quorum (points 10 and 12)."""

from __future__ import annotations

import hashlib
from typing import ClassVar
from urllib.parse import urlsplit

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, require, running, scope
from modules.transparency.models import Leaf, Witness
from modules.transparency.notes import COSIGNATURE, BadNote, Verifier
from modules.transparency.services.appending import append
from modules.transparency.services.proving import quorum_of

#: More witnesses than this nobody can name in one policy (`tlog-policy` recommends support for 32).
MOST = 32


class BadWitness(Refusal):
    """A witness that cannot be asked or is there already."""

    code: ClassVar[str] = "transparency.bad-witness"


def add_witness(vkey: str, url: str) -> int:
    """Ask a witness from now on; gives its number. Commits. Raises `BadWitness`."""
    require("transparency.witness.add")
    try:
        key = Verifier.read(vkey)
    except BadNote as error:
        raise BadWitness(str(error)) from None
    if key.kind != COSIGNATURE:
        raise BadWitness(_("This is the key of a log, not of a witness. Ask the witness for the key that `dolbom witness new` printed."))
    where = urlsplit(url.strip())
    if where.scheme not in ("http", "https") or not where.hostname:
        raise BadWitness(_("Give the witness's address, like https://witness.example.org."))
    with scope.system("a witness is added"):
        there = witnesses()
        if any(Verifier.read(one.vkey).public == key.public for one in there):
            raise BadWitness(_("This witness is asked already."))
        if len(there) >= MOST:
            raise BadWitness(_("There are as many witnesses as a policy can name. End one first."))
        found = Witness(name=key.name, vkey=str(key), url=url.strip().rstrip("/"))
        db.session.add(found)
        _tell("witness", key, "added")
        db.session.flush()
        number = int(found.id)
        db.session.commit()
    return number


def end_witness(number: int) -> None:
    """Ask a witness no longer; what it signed stands. Commits."""
    require("transparency.witness.end")
    with scope.system("a witness is no longer asked"):
        found = db.session.get(Witness, number)
        if found is None or found.ended_at is not None:
            raise NotFound(_("There is no such witness."))
        found.ended_at = sa.func.clock_timestamp()
        _tell("witness", Verifier.read(found.vkey), "ended")
        db.session.commit()


def tell_key(key: Verifier) -> None:
    """Say in the log which key signs it, once; internal to the signer, as the system."""
    said = sa.select(Leaf.entry).where(Leaf.kind == "key").order_by(Leaf.index.desc()).limit(1)
    last = db.session.scalar(said)
    if last is None or _sha256(key).encode() not in last:
        _tell("key", key, "added")


def witnesses() -> list[Witness]:
    """Who is asked now; everybody may know, so internal asks nobody."""
    return list(db.session.scalars(sa.select(Witness).where(Witness.ended_at.is_(None)).order_by(Witness.id).limit(MOST)))


def policy_text(log: Verifier, url: str = "") -> str:
    """The `tlog-policy` of this log: its key, its witnesses, and how many of them a head needs; internal."""
    there = witnesses()
    lines = [f"log {log} {url}".rstrip(), ""]
    lines += [f"witness w{n} {one.vkey} {one.url}" for n, one in enumerate(there, start=1)]
    if not there:
        return "\n".join([*lines, "# Nobody outside watches this log yet.", "quorum none", ""])
    names = " ".join(f"w{n}" for n in range(1, len(there) + 1))
    return "\n".join([*lines, f"group witnesses {quorum_of(len(there))} {names}", "quorum witnesses", ""])


def policy_here() -> str:
    """The policy of this installation's log; without a key while no signer ever ran; internal, everybody may read it."""
    try:
        key = (running().settings.home / "signer" / "log.vkey").read_text(encoding="utf-8")
    except FileNotFoundError:
        return "# No signer ever ran here.\n"
    return policy_text(Verifier.read(key))


def _tell(kind: str, key: Verifier, what: str) -> None:
    append(kind, None, name=key.name, sha256=_sha256(key), what=what, on=scope.current().on_date.isoformat())


def _sha256(key: Verifier) -> str:
    return hashlib.sha256(str(key).encode()).hexdigest()
