"""What a leaf hides: opened field by field, guessed by nobody, destroyed for good."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.security import access
from core.security import scope as scopes
from modules.transparency import merkle
from modules.transparency.commitments import commitment, root_over, salted, way_of
from modules.transparency.services import append, commit, erase, leaves, opened

VALUES = {"child": "김아이\n2024-05-04", "criteria": "one_parent three_children", "wanted": "2027-03-02"}
ENTRY = "5b" * 16


def test_one_field_is_opened_without_the_others():
    fields = salted(VALUES)
    found = root_over(ENTRY, fields)
    for index, field in enumerate(sorted(VALUES)):
        opening = fields[field]
        leaf = merkle.leaf_hash(commitment(ENTRY, field, bytes.fromhex(opening["salt"]), opening["value"]))
        merkle.check_inclusion(leaf, index, 3, way_of(ENTRY, fields, field), found)


@pytest.mark.parametrize("field", sorted(VALUES))
@pytest.mark.parametrize("part", ["salt", "value", "entry"])
def test_another_value_salt_or_entry_gives_another_root(field, part):
    fields = salted(VALUES)
    other = {name: dict(one) for name, one in fields.items()}
    if part != "entry":
        other[field][part] = "00" * 32 if part == "salt" else VALUES[field] + " "
    assert root_over("5c" * 16 if part == "entry" else ENTRY, other) != root_over(ENTRY, fields)


def test_two_leaves_about_the_same_family_have_nothing_in_common():
    assert root_over(ENTRY, salted(VALUES)) != root_over(ENTRY, salted(VALUES))


def test_what_was_erased_is_gone_and_the_log_says_so(app, world, acting):
    place = world.facilities[0]
    with access.asking(), scopes.system("a commitment"):
        found = commit(place, ENTRY, VALUES)
        append("apply", place, entry=ENTRY, list="F-1/rolling-2", commit=found)
        db.session.commit()
        assert {name: one["value"] for name, one in opened(ENTRY, found).items()} == VALUES
        assert root_over(ENTRY, opened(ENTRY, found)).hex() == found
        erase(place, ENTRY, list="F-1/rolling-2")
        db.session.commit()
        assert opened(ENTRY, found) == {}
        said = [json.loads(leaf.entry) for leaf in leaves(0, 10)]
        history = db.session.scalar(sa.text("select count(*) from core.change where row_to_json(change)::text like '%2024-05-04%'"))
    assert [one["kind"] for one in said] == ["apply", "erase"]
    assert said[0]["commit"] == found
    assert history == 0
    with acting("director", place), pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        db.session.execute(sa.text("select * from transparency.opening"))
