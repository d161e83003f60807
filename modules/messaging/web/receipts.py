"""Receipts as gateways bring them."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from core.sdk import _, ask, db, for_machines, machine_secrets, scope
from modules.messaging.contract import BadReceipt, Gateway
from modules.messaging.services.receipts import receive
from modules.messaging.web.blueprint import bp

#: Bytes of one call; a thousand receipts have room in it.
MOST = 1_000_000
PURPOSE = "messaging.receipts.{}"


@bp.post("/messages/receipts/<gateway>")
@for_machines("a gateway tells what became of messages, with the secret made for it")
def receipts(gateway: str) -> Any:
    """Believe a gateway that knows its secret; tells how many receipts changed something."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not machine_secrets.fits(PURPOSE.format(gateway), given):
        return _said(401, _("Send the secret of this gateway as “Authorization: Bearer …”."))
    request.max_content_length = MOST
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        return _said(413, _("Send at most %(most)s bytes at once.", most=MOST))
    with scope.system(f"receipts of the gateway {gateway}"):
        one = _gateway(gateway)
        if one is None:
            return _said(404, _("There is no such gateway here: install its plugin and switch it on."))
        try:
            told = one.read(body, dict(request.headers))
        except BadReceipt as wrong:
            return _said(400, str(wrong))
        counts = receive(gateway, told)
        db.session.commit()
    known = counts["changed"] + counts["known"]
    answer = jsonify({name: counts[name] for name in ("changed", "known", "unknown")})
    return (answer, 404) if counts["unknown"] and not known else answer


def _gateway(name: str) -> Gateway | None:
    brought = (gateway for given in ask("message_gateways") for gateway in given)
    return next((gateway for gateway in brought if gateway.name == name), None)


def _said(status: int, text: Any) -> Any:
    return jsonify({"message": str(text)}), status
