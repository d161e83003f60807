"""What core tells people about their accounts leaves like any other message, but to the address it names and to no other.

A code proves the address it was sent to, and a link opens the account: neither may take another way because the first one
failed, and neither is stored. What is kept is a mark in the text and core's reference to the secret.
"""

from __future__ import annotations

from uuid import uuid4

from core.sdk import atlas, notices, require, scope
from modules.messaging import rules
from modules.messaging.services.sending import write

#: How such messages are called; no region writes other words for them.
ACCOUNT = "messaging.account"


def tell(happened: notices.NoticeRaised) -> None:
    """Write a notice of core to each address it goes to; on the person's own page it stands once (S1-221, S1-225)."""
    require("messaging.message.send")
    place = scope.current().place or _whole()
    if place is None:  # no region was opened yet: there is no gateway either
        return
    about, act = notices.reference(happened), uuid4().hex
    for number, letter in enumerate(notices.compose(happened, instead=rules.mark("secret"))):
        write(
            {
                "place_no": place, "key": f"{ACCOUNT}:{happened.kind}:{act}:{number}", "template": ACCOUNT, "kind": "service",
                "about": about, "account_id": happened.account_id if number == 0 else None, "name": letter.name,
                "language": letter.language, "only_here": True, "subject": letter.subject, "text": letter.text,
                "phone": letter.address.value if letter.address.channel == "phone" else "",
                "email": letter.address.value if letter.address.channel == "email" else "",
            }
        )  # fmt: skip


def _whole() -> int | None:
    """The region everything lies in: what happened at no place in particular is sent in its name."""
    return next((node.no for node in atlas().nodes.values() if node.parent_no is None), None)
