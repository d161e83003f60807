"""Write a message in the caller's transaction: it goes out after the commit, and not at all without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from core.sdk import atlas, db, enqueue, require, scope
from modules.messaging import catalogue, rules
from modules.messaging.catalogue import Template
from modules.messaging.models import Message, Wording
from modules.messaging.refusals import BadMessage, KeyTaken

DISPATCH, WRITE = "messaging.message.dispatch", "messaging.message.write"
_RESERVED = "messaging.reserved"


@dataclass(frozen=True)
class Recipient:
    """Whom a message is for. A person with an account is also reached at the account's own address."""

    name: str
    language: str
    account_id: int | None = None
    phone: str | None = None
    email: str | None = None
    postal: str | None = None


def send(
    template: str, *, to: Recipient, place: int, facts: Mapping[str, str], about: str = "", key: str
) -> int:
    """Send a message once the caller commits; gives its number. The same `key` at the place again is the same message.

    `place` is the region or facility it is sent for, `about` names the record (`enrollment.application:12`). Raises
    `UnknownTemplate` or `BadMessage` for what only a programmer can mend (S1-083).
    """
    require("messaging.message.send", at=place)
    one = catalogue.template(template)
    _check(one, facts, key, place)
    language, wording = words_for(one, to.language, place)
    subject, text = (wording.subject, wording.text) if wording else (one.subject[language], one.text[language])
    values = {
        "place_no": place, "key": key, "template": template, "kind": one.kind,
        "wording_id": wording.id if wording else None, "about": about, "account_id": to.account_id, "name": to.name,
        "language": language, "phone": to.phone or "", "email": to.email or "", "postal": to.postal or "",
        "subject": rules.fill(subject, facts), "text": rules.fill(text, facts, one.secret),
    }  # fmt: skip
    me = scope.current()
    if me.covers(place) or (to.account_id is not None and to.account_id == me.account_id):
        return write(values)
    return _hand_over(values)


def write(values: Mapping[str, Any]) -> int:
    """The row and its job; without a second row for a key that is there; internal, `send` asked."""
    statement = insert(Message).values(**values).on_conflict_do_nothing(index_elements=["place_no", "key"])
    number = db.session.scalar(statement.returning(Message.id))
    if number is None:
        there = sa.select(Message.id).where(
            Message.place_no == values["place_no"], Message.key == values["key"]
        )
        number = db.session.scalar(there)
        if number is None:
            raise KeyTaken(f"A message with the key {values['key']!r} was written for somebody else: name the recipient in the key.")
        return int(number)
    offer(int(number), values["place_no"])
    return int(number)


def offer(number: int, place: int, turn: int = 0, step: int = 0, **more: Any) -> None:
    """Have one step of a message done."""
    enqueue(DISPATCH, place=place, message=number, turn=turn, step=step, **more)


def words_for(one: Template, language: str, place: int) -> tuple[str, Wording | None]:
    """The language a message is written in, and the region's own wording for it if one is approved (the nearest); internal."""
    region = atlas().region_of(place)
    known = [code for code in (language, *(region.languages if region else ())) if code in catalogue.LANGUAGES]
    spoken = known[0] if known else "en"
    chain = atlas().chain(place)
    query = sa.select(Wording).where(
        Wording.template == one.key, Wording.language == spoken, Wording.state == "approved", Wording.region_no.in_(chain)
    )  # fmt: skip
    found = sorted(db.session.scalars(query), key=lambda wording: chain.index(wording.region_no))
    return spoken, found[0] if found else None


def _check(one: Template, facts: Mapping[str, str], key: str, place: int) -> None:
    lacking = set(one.fields) - set(facts)
    strange = set(facts) - set(one.fields)
    if lacking:
        raise BadMessage(f"{one.key} needs the facts {', '.join(sorted(lacking))}.")
    if strange & one.secret:
        raise BadMessage(f"{one.key}: {', '.join(sorted(strange & one.secret))} is secret: answer `secret_fact` instead.")
    if strange:
        raise BadMessage(f"{one.key} knows no fact {', '.join(sorted(strange))}: it knows {', '.join(one.fields)}.")
    if not key.strip():
        raise BadMessage(f"{one.key}: give a key, so that the same fact is told once.")
    if atlas().region_of(place) is None:
        raise BadMessage(f"{one.key}: place {place} lies in no region.")


def _hand_over(values: dict[str, Any]) -> int:
    """One's own act tells somebody else too: a person's session writes no rows of others, so the system does, after the
    commit. The number is drawn now."""
    place, key = values["place_no"], values["key"]
    there = _reserved(place, key) or _known(place, key)
    if there is not None:
        return there
    number = int(db.session.scalar(sa.text("select nextval('messaging.message_id_seq')")))
    row = {name: value for name, value in values.items() if name not in ("place_no", "key", "name")}
    facts = {"number": number, "place_no": place, "message_key": key, "person": values["name"], **row}
    if enqueue(WRITE, place=place, key=key, **facts) is None:
        raise KeyTaken(f"A message with the key {key!r} is being written by somebody else: name the recipient in the key.")
    _book().setdefault(next(_transactions()), {})[place, key] = number
    return number


def _book() -> WeakKeyDictionary[Any, dict[tuple[int, str], int]]:
    """What was handed over in transactions that are still open: it is in no table yet that this session reads."""
    kept: WeakKeyDictionary[Any, dict[tuple[int, str], int]] = db.session().info.setdefault(_RESERVED, WeakKeyDictionary())
    return kept


def _reserved(place: int, key: str) -> int | None:
    """The number given in this transaction or one around it; one that was rolled back is forgotten."""
    found = (_book().get(one, {}).get((place, key)) for one in _transactions())
    return next((number for number in found if number is not None), None)


def _transactions() -> Iterator[Any]:
    """The innermost savepoint and what lies around it."""
    session = db.session()
    one = session.get_nested_transaction() or session.get_transaction()
    while one is not None:
        yield one
        one = one.parent


def _known(place: int, key: str) -> int | None:
    """The number of a message that was handed over before, whether or not its row is there yet."""
    with scope.system("find a message by its key"):
        found = db.session.scalar(sa.select(Message.id).where(Message.place_no == place, Message.key == key))
        return found or db.session.scalar(
            sa.text(
                "select (payload->>'number')::bigint from core.outbox where place_no = :place and name = :name and key = :key"
            ),
            {"place": place, "name": WRITE, "key": key},
        )
