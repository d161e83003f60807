"""Enrollment: lists by name, places of classes, offers; steps stand in the public log and no longer in a table of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from core.security import walls

revision = "enrollment_0003"
down_revision = "enrollment_0002"
branch_labels = None
depends_on = None

_STATES = (
    "'waiting', 'offered', 'accepted', 'admitted', 'withdrawn', 'declined', 'elsewhere', 'expired', 'refused', 'left'"
)


def upgrade() -> None:
    _classes()
    _applications()
    _entries()
    op.drop_table("list_event", schema="enrollment")


def _classes() -> None:
    op.create_table(
        "class_group",
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("class_age", sa.SmallInteger(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), server_default="0", nullable=False),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "places >= 0 and held >= 0 and taken >= 0 and held + taken <= places", name=op.f("ck_class_group_places")
        ),
        sa.CheckConstraint("class_age between 0 and 5 and year between 2000 and 2200", name=op.f("ck_class_group_class")),
        sa.ForeignKeyConstraint(["facility_id"], ["core.place.no"], name=op.f("fk_class_group_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_group")),
        sa.UniqueConstraint("facility_id", "year", "class_age", name=op.f("uq_class_group_facility_id_year_class_age")),
        schema="enrollment",
    )
    op.create_index(op.f("ix_class_group_facility_id"), "class_group", ["facility_id"], schema="enrollment")
    op.create_table(
        "vacancy",
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("class_group_id", sa.BigInteger(), nullable=False),
        sa.Column("list_name", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'offered', 'accepted', 'filled', 'ended', 'closed')", name=op.f("ck_vacancy_state")
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["core.place.no"], name=op.f("fk_vacancy_facility_id")),
        sa.ForeignKeyConstraint(["class_group_id"], ["enrollment.class_group.id"], name=op.f("fk_vacancy_class_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacancy")),
        schema="enrollment",
    )
    op.create_index(op.f("ix_vacancy_facility_id"), "vacancy", ["facility_id"], schema="enrollment")
    op.create_index(op.f("ix_vacancy_class_group_id"), "vacancy", ["class_group_id"], schema="enrollment")
    op.create_table(
        "passing",
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("vacancy_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), server_default="", nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["core.place.no"], name=op.f("fk_passing_facility_id")),
        sa.ForeignKeyConstraint(["vacancy_id"], ["enrollment.vacancy.id"], name=op.f("fk_passing_vacancy_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["enrollment.application.id"], name=op.f("fk_passing_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passing")),
        sa.UniqueConstraint(
            "facility_id", "vacancy_id", "application_id", name=op.f("uq_passing_facility_id_vacancy_id_application_id")
        ),
        schema="enrollment",
    )
    for column in ("facility_id", "vacancy_id", "application_id"):
        op.create_index(op.f(f"ix_passing_{column}"), "passing", [column], schema="enrollment")
    op.create_table(
        "list_rule",
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("list_name", sa.String(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("holds_from", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["core.place.no"], name=op.f("fk_list_rule_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_rule")),
        sa.UniqueConstraint("facility_id", "list_name", name=op.f("uq_list_rule_facility_id_list_name")),
        schema="enrollment",
    )
    op.create_index(op.f("ix_list_rule_facility_id"), "list_rule", ["facility_id"], schema="enrollment")
    for table, read in (("class_group", "all"), ("vacancy", "all"), ("passing", "scope"), ("list_rule", "all")):
        walls.protect(op, f"enrollment.{table}", read=read)
    # The places of a class are counted where the rows are, so that no way of writing forgets it.
    op.execute(
        "create function enrollment.count_vacancy() returns trigger language plpgsql as $$ "
        "declare was int := 0; now_ int := 0; begin "
        "if tg_op <> 'INSERT' then was := (old.state in ('open', 'offered', 'accepted', 'filled'))::int; end if; "
        "if tg_op <> 'DELETE' then now_ := (new.state in ('open', 'offered', 'accepted', 'filled'))::int; end if; "
        "if now_ <> was then update enrollment.class_group set taken = taken + now_ - was "
        "where id = coalesce(new.class_group_id, old.class_group_id); end if; "
        "return null; end $$"
    )
    op.execute(
        "create trigger counted after insert or delete or update of state on enrollment.vacancy "
        "for each row execute function enrollment.count_vacancy()"
    )
    op.execute(
        "create trigger class_stands before update of class_group_id, facility_id on enrollment.vacancy "
        "for each row when (old.class_group_id <> new.class_group_id or old.facility_id <> new.facility_id) "
        "execute function enrollment.refuse_change('the class')"
    )


def _applications() -> None:
    def add(column: sa.Column[object]) -> None:
        op.add_column("application", column, schema="enrollment")

    add(sa.Column("vacancy_id", sa.BigInteger(), nullable=True))
    add(sa.Column("answer_by", sa.Date(), nullable=True))
    add(sa.Column("declines", sa.SmallInteger(), server_default="0", nullable=False))
    add(sa.Column("papers_seen", JSONB(), server_default=sa.text("'[]'"), nullable=False))
    op.create_foreign_key(
        op.f("fk_application_vacancy_id"), "application", "vacancy", ["vacancy_id"], ["id"],
        source_schema="enrollment", referent_schema="enrollment",
    )  # fmt: skip
    for name in ("state", "closed"):
        op.drop_constraint(op.f(f"ck_application_{name}"), "application", schema="enrollment")
    for name, rule in (
        ("state", f"state in ({_STATES})"),
        ("closed", "(state in ('waiting', 'offered', 'accepted', 'admitted')) = (closed_at is null)"),
        ("answer", "(state in ('offered', 'accepted')) = (answer_by is not null)"),
    ):
        op.create_check_constraint(op.f(f"ck_application_{name}"), "application", rule, schema="enrollment")
    op.drop_index("uq_application_open", "application", schema="enrollment")
    for name, columns, rule in (
        ("uq_application_open", ["child_id", "facility_id"], "state = 'waiting' or state = 'offered' or state = 'accepted'"),
        ("uq_application_vacancy", ["vacancy_id", "facility_id"], "state = 'offered' or state = 'accepted' or state = 'admitted'"),
    ):
        op.create_index(name, "application", columns, unique=True, schema="enrollment", postgresql_where=sa.text(rule))
    op.create_index(op.f("ix_application_vacancy_id"), "application", ["vacancy_id"], schema="enrollment")
    op.create_index(
        "ix_application_answer", "application", ["answer_by"], schema="enrollment", postgresql_where=sa.text("answer_by is not null")
    )


def _entries() -> None:
    for column in (
        sa.Column("list_name", sa.String(), nullable=True),
        sa.Column("cohort", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=True),
        sa.Column("year_turned", sa.Integer(), nullable=True),
    ):
        op.add_column("entry", column, schema="enrollment")
    # Lists of before the log: those who wait get the leaves they lack, in their order, with nothing hidden in them.
    op.execute(
        "update enrollment.entry e set list_name = coalesce(f.code, 'F-' || e.facility_id) || '/rolling-' || e.class_age "
        "from (select p.no, f.code from core.place p left join facilities.facility f on f.id = p.no) f where f.no = e.facility_id"
    )
    op.execute(
        "insert into transparency.staged (place_no, kind, entry) select facility_id, 'rule', convert_to(format("
        """'{"from":"2000-01-01","kind":"rule","list":%s,"on":"%s","order":"points","policy":%s,"sha256":""}', """
        "to_jsonb(list_name), current_date, to_jsonb(min(policy_id))), 'UTF8') "
        "from enrollment.entry where state = 'waiting' group by facility_id, list_name order by facility_id, list_name"
    )
    op.execute(
        "insert into transparency.staged (place_no, kind, entry) select facility_id, 'apply', convert_to(format("
        """'{"commit":"","entry":"%s","kind":"apply","list":%s,"on":"%s","points":%s,"policy":%s,"tier":%s}', """
        "pseudonym, to_jsonb(list_name), current_date, points, to_jsonb(policy_id), tier), 'UTF8') "
        "from enrollment.entry where state = 'waiting' order by facility_id, arrival"
    )
    op.execute(
        "update enrollment.entry set leaf_hash = sha256('\\x00'::bytea || convert_to(format("
        """'{"commit":"","entry":"%s","kind":"apply","list":%s,"on":"%s","points":%s,"policy":%s,"tier":%s}', """
        "pseudonym, to_jsonb(list_name), current_date, points, to_jsonb(policy_id), tier), 'UTF8'))"
    )
    op.execute("update enrollment.entry set year_turned = 0")
    for name in ("list_name", "leaf_hash", "year_turned"):
        op.alter_column("entry", name, nullable=False, schema="enrollment")
    op.drop_index("ix_entry_order", "entry", schema="enrollment")
    op.create_index(
        "ix_entry_order", "entry",
        ["facility_id", "list_name", "state", "rank_tier", sa.literal_column("points desc"), "cohort", "arrival"],
        schema="enrollment",
    )  # fmt: skip
    # Back to the end of the list is a step a rule may ask for; forward is one that nobody may take.
    op.execute("drop trigger arrival_stands on enrollment.entry")
    op.execute(
        "create trigger arrival_stands before update of arrival, cohort, pseudonym, facility_id, application_id on enrollment.entry "
        "for each row when (new.arrival < old.arrival or new.cohort < old.cohort or old.pseudonym <> new.pseudonym "
        "or old.facility_id <> new.facility_id or old.application_id <> new.application_id) "
        "execute function enrollment.refuse_change('the order of arrival')"
    )
