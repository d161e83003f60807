"""Ask witnesses for their signature under a head: C2SP `tlog-witness`; one that is down, slow or talks nonsense holds up nobody."""

from __future__ import annotations

import base64
import http.client
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from core.sdk import DolbomError, db
from modules.transparency.merkle import consistency
from modules.transparency.models import Checkpoint, Cosignature, Witness
from modules.transparency.notes import BadNote, Note, Verifier
from modules.transparency.services.proving import subtrees

#: Seconds a witness may take, the most bytes of its answer, and how far its clock may be off (seconds).
PATIENCE, LONGEST, OFF = 5, 16_384, 600


class BadAnswer(DolbomError):
    """A witness answered something that is no signature of it under this head."""

    code: ClassVar[str] = "transparency.bad-answer"


@dataclass(frozen=True)
class Question:
    """One witness asked about one head."""

    number: int
    key: Verifier
    url: str
    old: int
    proof: tuple[bytes, ...]
    note: str


def ask_witnesses() -> int:
    """Ask each witness that has not signed the newest head; gives how many did. As the system; commits."""
    head = db.session.scalar(sa.select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1))
    if head is None or head.size == 0:
        return 0
    waiting = db.session.scalars(
        sa.select(Witness).where(Witness.ended_at.is_(None), Witness.size < head.size).order_by(Witness.id).limit(100)
    ).all()
    questions = [_question(one, one.size, head) for one in waiting]
    known, note, size = {one.id: one for one in waiting}, head.note, int(head.size)
    db.session.commit()  # no transaction stays open while others think
    with ThreadPoolExecutor(max(1, len(questions))) as pool:
        answers = list(pool.map(_asked, questions))
    signed = 0
    for question, answer in zip(questions, answers, strict=True):
        witness = known[question.number]
        signed += _noted(witness, size, note, _once_more(witness, answer, head) if isinstance(answer, int) else answer)
    db.session.commit()
    return signed


def _once_more(witness: Witness, told: int, head: Checkpoint) -> str | int | bytes:
    """It signed another size than we thought: ask again from there."""
    if told > head.size:
        return f"it says it signed {told} leaves; this log has {head.size}"
    return _asked(_question(witness, told, head))


def _question(witness: Witness, old: int, head: Checkpoint) -> Question:
    size = int(head.size)
    proof = consistency(old, size, subtrees(size)) if 0 < old < size else []
    return Question(int(witness.id), Verifier.read(witness.vkey), witness.url, old, tuple(proof), head.note)


def _asked(question: Question) -> str | int | bytes:
    """Ask one: gives its lines (bytes), the size it is at (a number), or what was wrong (text)."""
    lines = [f"old {question.old}", *(base64.b64encode(one).decode() for one in question.proof), "", question.note]
    request = urllib.request.Request(  # noqa: S310  the scheme was checked when the witness was entered
        f"{question.url.rstrip('/')}/add-checkpoint", data="\n".join(lines).encode(), method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return bytes(answer.read(LONGEST))
    except urllib.error.HTTPError as error:
        body = error.read(64).decode(errors="replace").strip()
        if error.code == 409 and body.isdecimal():
            return int(body)
        return f"it answered {error.code}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"it does not answer: {getattr(error, 'reason', error)}"


def _noted(witness: Witness, size: int, note: str, answer: str | int | bytes) -> bool:
    if isinstance(answer, bytes):
        try:
            line = _line_of(answer, note, Verifier.read(witness.vkey))
        except BadAnswer as error:
            answer = str(error)
        else:
            db.session.execute(insert(Cosignature).values(size=size, witness_id=witness.id, line=line).on_conflict_do_nothing())
            witness.size, witness.trouble, witness.answered_at = size, "", sa.func.clock_timestamp()
            return True
    witness.trouble = str(answer)[:300]
    return False


def _line_of(answer: bytes, note: str, key: Verifier) -> str:
    """The witness's own line out of its answer. Raises `BadAnswer`."""
    text = note.rpartition("\n\n")[0] + "\n"
    try:
        found = Note.read(f"{text}\n{answer.decode()}")
        if not found.signed_by([key]):
            raise BadAnswer("its answer has no signature of the key we know")
    except (BadNote, UnicodeDecodeError) as error:
        raise BadAnswer(f"its answer is no signature: {error}") from None
    line = next(one for one in found.signatures if (one[0], one[1]) == (key.name, key.number))
    at = int.from_bytes(line[2][:8], "big")
    if abs(at - time.time()) > OFF:
        raise BadAnswer(f"its clock is off: it signed for {at}")
    return f"— {line[0]} {base64.b64encode(line[1] + line[2]).decode()}\n"
