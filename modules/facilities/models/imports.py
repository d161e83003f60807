"""Imports of registers: each run with its counts, each defect with its row, each suspected double as a proposal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.sdk import RegionScoped, _, db


class ImportRun(RegionScoped, db.Model):
    """One reading of a register file into a region."""

    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    layout: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    dry_run: Mapped[bool]
    #: rows, created, updated, unchanged, closed, rejected, vanished
    totals: Mapped[dict[str, int]] = mapped_column(JSONB)
    #: defect code → count
    warnings: Mapped[dict[str, int]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp())
    account_id: Mapped[int | None] = mapped_column(sa.BigInteger)


class ImportDefect(RegionScoped, db.Model):
    """One defect of one row of a file: what, where, and what was done about it."""

    __tablename__ = "import_defect"
    __title__ = _("Defects found in imports")
    __no_history__ = "a report of a file, written once with its run"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    run_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("facilities.import_run.id", ondelete="CASCADE"), index=True
    )
    line: Mapped[int]
    code: Mapped[str]
    severity: Mapped[str]
    register_no: Mapped[str] = mapped_column(server_default="")
    field: Mapped[str] = mapped_column(server_default="")
    value: Mapped[str] = mapped_column(server_default="")
    message: Mapped[str] = mapped_column(server_default="")


class MergeProposal(RegionScoped, db.Model):
    """Two records that may be one centre, from different sources; a person decides (S2-42)."""

    __tablename__ = "merge_proposal"
    __table_args__ = (sa.UniqueConstraint("region_no", "keep_id", "drop_id"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    keep_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("facilities.facility.id", ondelete="CASCADE"), index=True
    )
    drop_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("facilities.facility.id", ondelete="CASCADE"), index=True
    )
    score: Mapped[int]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default="open")
    decided_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
