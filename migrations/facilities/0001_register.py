"""The register: facilities, what they offer, changes of capacity and status, imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from core.security import walls

revision = "facilities_0001"
down_revision = None
branch_labels = None
depends_on = None

OF_PUBLISHED = "facility_id in (select f.id from facilities.facility f where f.published)"


def upgrade() -> None:
    _tables()
    _walls()


def _walls() -> None:
    walls.protect(
        op,
        "facilities.facility",
        column="id",
        public="published",
        secret=("search_text", "name_sort", "row_hash", "changed_at"),
    )
    for table in ("age_group", "service", "opening_hours", "closing_day", "meal_photo"):
        walls.protect(op, f"facilities.{table}", public=OF_PUBLISHED)
    walls.protect(op, "facilities.disclosure", column="id", public=OF_PUBLISHED.replace("facility_id", "id"))
    for table in ("capacity_change", "status_change"):
        walls.protect(op, f"facilities.{table}")
    walls.protect(op, "facilities.import_run", column="region_no")
    walls.protect(op, "facilities.import_defect", column="region_no", history=False)
    walls.protect(op, "facilities.merge_proposal", column="region_no")


def _tables() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("layout", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("totals", JSONB(), nullable=False),
        sa.Column("warnings", JSONB(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_import_run_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        schema="facilities",
    )
    op.create_index(
        op.f("ix_import_run_region_no"), "import_run", ["region_no"], unique=False, schema="facilities"
    )
    op.create_table(
        "facility",
        # What walls, searches and lists read stands first: PostgreSQL unpacks a row from its beginning.
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("published", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.Column("name_sort", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("enrolled", sa.Integer(), nullable=True),
        sa.Column("register", sa.String(), nullable=False),
        sa.Column("register_no", sa.String(), nullable=False),
        sa.Column("kind_raw", sa.String(), server_default="", nullable=False),
        sa.Column("address", sa.String(), server_default="", nullable=False),
        sa.Column("postcode", sa.String(), server_default="", nullable=False),
        sa.Column("phone", sa.String(), server_default="", nullable=False),
        sa.Column("fax", sa.String(), server_default="", nullable=False),
        sa.Column("homepage", sa.String(), server_default="", nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("licensed_on", sa.Date(), nullable=True),
        sa.Column("paused_from", sa.Date(), nullable=True),
        sa.Column("paused_to", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("rooms", sa.Integer(), nullable=True),
        sa.Column("room_area_m2", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("total_area_m2", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("playgrounds", sa.Integer(), nullable=True),
        sa.Column("cctv", sa.Integer(), nullable=True),
        sa.Column("staff_count", sa.Integer(), nullable=True),
        sa.Column("bus", sa.Boolean(), nullable=True),
        sa.Column("operator", sa.String(), server_default="", nullable=False),
        sa.Column("source", sa.String(), server_default="staff", nullable=False),
        sa.Column("source_on", sa.Date(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=True),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "status in ('open', 'paused', 'reopened', 'closed', 'unknown')", name=op.f("ck_facility_status")
        ),
        sa.CheckConstraint("(lat is null) = (lon is null)", name=op.f("ck_facility_point")),
        sa.CheckConstraint("capacity is null or capacity >= 0", name=op.f("ck_facility_capacity")),
        sa.ForeignKeyConstraint(["id"], ["core.place.no"], name=op.f("fk_facility_id")),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_facility_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("code", name=op.f("uq_facility_code")),
        sa.UniqueConstraint("register", "register_no", name=op.f("uq_facility_register_register_no")),
        schema="facilities",
    )
    op.create_index(
        "ix_facility_kind", "facility", ["kind", "name_sort", "id"], unique=False, schema="facilities"
    )
    op.create_index("ix_facility_name", "facility", ["name_sort", "id"], unique=False, schema="facilities")
    op.create_index("ix_facility_point", "facility", ["lat", "lon"], unique=False, schema="facilities")
    op.create_index(
        "ix_facility_region_name",
        "facility",
        ["region_no", "name_sort", "id"],
        unique=False,
        schema="facilities",
    )
    op.create_index(
        "ix_facility_search",
        "facility",
        ["search_text"],
        unique=False,
        schema="facilities",
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_table(
        "import_defect",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("register_no", sa.String(), server_default="", nullable=False),
        sa.Column("field", sa.String(), server_default="", nullable=False),
        sa.Column("value", sa.String(), server_default="", nullable=False),
        sa.Column("message", sa.String(), server_default="", nullable=False),
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_import_defect_region_no")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["facilities.import_run.id"], name=op.f("fk_import_defect_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_defect")),
        schema="facilities",
    )
    op.create_index(
        op.f("ix_import_defect_region_no"), "import_defect", ["region_no"], unique=False, schema="facilities"
    )
    op.create_index(
        op.f("ix_import_defect_run_id"), "import_defect", ["run_id"], unique=False, schema="facilities"
    )
    op.create_table(
        "age_group",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("age", sa.String(), nullable=False),
        sa.Column("classes", sa.Integer(), nullable=True),
        sa.Column("children", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["facility_id"],
            ["facilities.facility.id"],
            name=op.f("fk_age_group_facility_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_age_group")),
        sa.UniqueConstraint("facility_id", "age", name=op.f("uq_age_group_facility_id_age")),
        schema="facilities",
    )
    op.create_index(
        op.f("ix_age_group_facility_id"), "age_group", ["facility_id"], unique=False, schema="facilities"
    )
    op.create_table(
        "capacity_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), server_default="requested", nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("total_area_m2", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("room_area_m2", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("figures", JSONB(), server_default="{}", nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("requested_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "requested_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"],
            ["facilities.facility.id"],
            name=op.f("fk_capacity_change_facility_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity_change")),
        schema="facilities",
    )
    op.create_index(
        op.f("ix_capacity_change_facility_id"),
        "capacity_change",
        ["facility_id"],
        unique=False,
        schema="facilities",
    )
    op.create_table(
        "closing_day",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"],
            ["facilities.facility.id"],
            name=op.f("fk_closing_day_facility_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing_day")),
        sa.UniqueConstraint("facility_id", "day", name=op.f("uq_closing_day_facility_id_day")),
        schema="facilities",
    )
    op.create_index(
        op.f("ix_closing_day_facility_id"), "closing_day", ["facility_id"], unique=False, schema="facilities"
    )
    op.create_table(
        "disclosure",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fees", JSONB(), server_default="[]", nullable=False),
        sa.Column("programmes", sa.String(), server_default="", nullable=False),
        sa.Column("insurance", sa.String(), server_default="", nullable=False),
        sa.Column("meals", sa.String(), server_default="", nullable=False),
        sa.Column("extent", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["facilities.facility.id"], name=op.f("fk_disclosure_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
        schema="facilities",
    )
    op.create_table(
        "meal_photo",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("caption", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column(
            "added_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"],
            ["facilities.facility.id"],
            name=op.f("fk_meal_photo_facility_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal_photo")),
        schema="facilities",
    )
    op.create_index(
        op.f("ix_meal_photo_facility_id"), "meal_photo", ["facility_id"], unique=False, schema="facilities"
    )
    op.create_table(
        "merge_proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("keep_id", sa.BigInteger(), nullable=False),
        sa.Column("drop_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("region_no", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["drop_id"],
            ["facilities.facility.id"],
            name=op.f("fk_merge_proposal_drop_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["keep_id"],
            ["facilities.facility.id"],
            name=op.f("fk_merge_proposal_keep_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["region_no"], ["core.region.no"], name=op.f("fk_merge_proposal_region_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_proposal")),
        sa.UniqueConstraint(
            "region_no", "keep_id", "drop_id", name=op.f("uq_merge_proposal_region_no_keep_id_drop_id")
        ),
        schema="facilities",
    )
    op.create_index(
        op.f("ix_merge_proposal_drop_id"), "merge_proposal", ["drop_id"], unique=False, schema="facilities"
    )
    op.create_index(
        op.f("ix_merge_proposal_keep_id"), "merge_proposal", ["keep_id"], unique=False, schema="facilities"
    )
    op.create_index(
        op.f("ix_merge_proposal_region_no"),
        "merge_proposal",
        ["region_no"],
        unique=False,
        schema="facilities",
    )
    op.create_table(
        "opening_hours",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("meals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("snacks", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"],
            ["facilities.facility.id"],
            name=op.f("fk_opening_hours_facility_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_hours")),
        sa.UniqueConstraint(
            "facility_id", "season", "weekday", name=op.f("uq_opening_hours_facility_id_season_weekday")
        ),
        schema="facilities",
    )
    op.create_index(
        op.f("ix_opening_hours_facility_id"),
        "opening_hours",
        ["facility_id"],
        unique=False,
        schema="facilities",
    )
    op.create_table(
        "service",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), server_default="offered", nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"],
            ["facilities.facility.id"],
            name=op.f("fk_service_facility_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("facility_id", "service", name=op.f("uq_service_facility_id_service")),
        schema="facilities",
    )
    op.create_index(
        op.f("ix_service_facility_id"), "service", ["facility_id"], unique=False, schema="facilities"
    )
    op.create_index(
        "ix_service_service", "service", ["service", "facility_id"], unique=False, schema="facilities"
    )
    op.create_table(
        "status_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=True),
        sa.Column(
            "noted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_id"],
            ["facilities.facility.id"],
            name=op.f("fk_status_change_facility_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_change")),
        schema="facilities",
    )
    op.create_index(
        op.f("ix_status_change_facility_id"),
        "status_change",
        ["facility_id"],
        unique=False,
        schema="facilities",
    )
