"""How long families are kept: a child from the day no centre sees it any more, its guardians as long as there is a child."""

from __future__ import annotations

import sqlalchemy as sa

from core.sdk import RetentionRule, _, declare_retention
from modules.families.models.consents import Sharing
from modules.families.models.family import Child, Collector, Guardian
from modules.families.models.papers import Document, Invitation, Request

_SEEN = sa.exists().where(Sharing.child_id == Child.id, Sharing.ends_on.is_(None))
_HAS_CHILD = sa.exists().where(Child.family_id == Guardian.family_id)

CHILDREN = declare_retention(
    RetentionRule(
        "families.child", Child, sa.func.coalesce(Child.left_on, sa.cast(Child.registered_at, sa.Date)), keep="5y",
        policy="families.retention.child", unless=_SEEN, title=_("Children no centre sees any more"),
    )
)  # fmt: skip
GUARDIANS = declare_retention(
    RetentionRule(
        "families.guardian", Guardian, Guardian.entered_at, keep="5y", unless=_HAS_CHILD,
        title=_("Guardians without a child"),
    )
)  # fmt: skip
COLLECTORS = declare_retention(
    RetentionRule(
        "families.collector", Collector, Collector.ends_on, keep="1y", title=_("Persons who no longer collect a child")
    )
)  # fmt: skip
DOCUMENTS = declare_retention(
    RetentionRule(
        "families.document", Document, sa.func.coalesce(Document.decided_at, Document.handed_at), keep="1y",
        unless=sa.exists().where(Sharing.child_id == Document.child_id, Sharing.ends_on.is_(None)),
        title=_("Papers of children no centre sees any more"),
    )
)  # fmt: skip
INVITATIONS = declare_retention(
    RetentionRule("families.invitation", Invitation, Invitation.expires_at, keep="30d", title=_("Invitations that are over"))
)
REQUESTS = declare_retention(
    RetentionRule("families.request", Request, Request.answered_at, keep="3y", title=_("Requests that were answered"))
)
