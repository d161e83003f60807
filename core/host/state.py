"""Which modules are installed in this database, remembered apart from their code so that they can leave without it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.host.manifest import Manifest
from core.security.rows import Unscoped


class Module(Unscoped("what is installed is a fact of the whole installation"), db.Model):  # type: ignore[misc]
    """An installed module: its manifest as it was, so that plan and uninstall work when the folder is gone."""

    __tablename__ = "module"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str]
    title: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    manifest: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )


def facts(manifest: Manifest) -> dict[str, Any]:
    """The part of a manifest that must outlive its folder."""
    return {
        "summary": manifest.summary,
        "depends": list(manifest.depends),
        "personal": list(manifest.data.personal),
        "purpose": manifest.data.purpose,
        "legal_basis": manifest.data.legal_basis,
        "recipients": list(manifest.data.recipients),
        "retain": manifest.data.retain,
        "hosts": list(manifest.talks_to.hosts),
    }
