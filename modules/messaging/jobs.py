"""Background work of messaging: bring messages, ask gateways what became of them, go on when nobody answers."""

from __future__ import annotations

from collections.abc import Sequence

from core.sdk import ask, db, every, job, notices, on
from modules.messaging.contract import Gateway, GatewayDown
from modules.messaging.services import accounts, receipts
from modules.messaging.services.deciding import Turn
from modules.messaging.services.dispatching import dispatch
from modules.messaging.services.sending import DISPATCH, WRITE, write


@job(DISPATCH, effect="outside", retries=8)
def bring(turns: Sequence[Turn]) -> None:
    """Send messages"""
    dispatch(turns)


@job(WRITE)
def take_over(
    number: int, place_no: int, message_key: str, template: str, kind: str, wording_id: int | None, about: str,
    account_id: int | None, person: str, language: str, phone: str, email: str, postal: str, subject: str, text: str,
) -> None:  # fmt: skip
    """Write a message to somebody else"""
    write(
        {
            "id": number, "place_no": place_no, "key": message_key, "template": template, "kind": kind,
            "wording_id": wording_id, "about": about, "account_id": account_id, "name": person, "language": language,
            "phone": phone, "email": email, "postal": postal, "subject": subject, "text": text,
        }
    )  # fmt: skip


@on(notices.NoticeRaised)
def tell_about_account(happened: notices.NoticeRaised) -> None:
    """Tell somebody about their account"""
    accounts.tell(happened)


@job("messaging.receipt.poll", effect="outside", retries=1)
@every(minutes=1)
def poll(idempotency_key: str) -> None:
    """Ask the gateways what became of messages"""
    asked: set[str] = set()
    for gateway in _gateways():
        if gateway.name in asked or not gateway.receipts:
            continue
        asked.add(gateway.name)
        references = receipts.waiting(gateway.name)
        db.session.rollback()
        if not references:
            continue
        try:
            told = gateway.poll(references)
        except GatewayDown:
            continue  # the next minute asks again
        receipts.receive(gateway.name, told)
        db.session.commit()


@job("messaging.receipt.overtake")
@every(minutes=1)
def overtake() -> None:
    """Take the next way for silent messages"""
    while receipts.overtake() == 500:  # in bounded bites
        db.session.flush()


def _gateways() -> list[Gateway]:
    return [gateway for brought in ask("message_gateways") for gateway in brought]
