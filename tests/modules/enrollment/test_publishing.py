"""The log as files: what the standalone verifier accepts, written piece by piece, and alarms when a list is not the log's."""

from __future__ import annotations

import json
from datetime import date

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.host.running import running
from core.security import access
from core.security import scope as scopes
from core.testing import mark_dirty
from modules.enrollment.models import Entry
from modules.enrollment.services import decline, withdraw
from modules.transparency.frontier import Frontier
from modules.transparency.models import Alarm
from modules.transparency.services import publishing
from modules.transparency.services.comparing import compare
from modules.transparency.services.publishing import CannotPublish, publish
from modules.transparency.signing.mark import Mark
from modules.transparency.signing.sealing import Sealer
from tests.modules.transparency.verifying.golden import LOG, ORIGIN
from tests.modules.transparency.verifying.test_verifier import verify


@pytest.fixture
def busy(centres, apply_for, being, offered, admitted):
    """Lists that saw everything: applied, declined, admitted, withdrawn."""
    rows = [apply_for(centres[0], name) for name in ("하나", "둘리", "세찬", "네모", "다섯")]
    other = apply_for(centres[1], "여섯")
    offered(centres[0])
    with being(rows[0][0]):
        decline(rows[0][2])
    admitted(rows[1][2], centres[0])
    with being(rows[3][0]):
        withdraw(rows[3][2])
    return [*rows, other]


@pytest.fixture
def seal(app, tmp_path):
    def sign_it():
        with access.asking(), scopes.system("a signer at work"):
            path = tmp_path / "mark.json"
            return Sealer(LOG, Mark.read(path, ORIGIN) or Mark(path, ORIGIN, Frontier())).turn()

    return sign_it


def published(folder):
    with access.asking(), scopes.system("publish"):
        return publish(folder, LOG.verifier)


def verified(folder, capsys, *more):
    code = verify.main([str(folder), "--policy", str(folder / "policy.txt"), "--json", *map(str, more)])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.rule("S2-16")
@pytest.mark.rule("E-01")
def test_what_we_publish_is_verified_by_what_shares_nothing_with_us(busy, seal, tmp_path, capsys):
    size = seal()
    told = published(tmp_path / "log")
    assert (told["size"], told["lists"]) == (size, 2)
    code, found = verified(tmp_path / "log", capsys)
    assert code == 0 and found["size"] == size and found["violations"] == found["different"] == []
    shown = json.loads((tmp_path / "log" / "ranking.json").read_text())
    with scopes.public():
        waiting = db.session.scalars(sa.select(Entry.pseudonym).where(Entry.state == "waiting")).all()
    assert {name for order in shown["lists"].values() for name in order} == set(waiting)


def test_it_goes_on_where_it_stopped_and_knows_a_foreign_folder(busy, seal, tmp_path, capsys, monkeypatch, apply_for, centres):
    seal()
    folder = tmp_path / "log"
    with monkeypatch.context() as stop, pytest.raises(KeyboardInterrupt):
        stop.setattr(publishing, "policy_text", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
        published(folder)
    assert not (folder / "checkpoint").exists(), "the head comes last"
    published(folder)
    assert verified(folder, capsys)[0] == 0
    apply_for(centres[0], "일곱")
    seal()
    assert published(folder)["files"] <= 5, "only what is new"
    assert verified(folder, capsys)[0] == 0
    for name in ("checkpoint", "policy.txt", "ranking.json"):
        assert (folder / name).stat().st_mode & 0o777 == 0o644
    other = tmp_path / "other"
    other.mkdir()
    for text in ("nonsense", (folder / "checkpoint").read_text().replace("care.example", "cafe.example")):
        (other / "checkpoint").write_text(text)
        with pytest.raises(CannotPublish, match="empty folder"):
            published(other)


def test_without_a_signer_nothing_is_published(busy, tmp_path, monkeypatch):
    monkeypatch.setattr(publishing, "PATIENCE", 0.1)
    with pytest.raises(CannotPublish, match="dolbom signer"):
        published(tmp_path / "log")
    assert not (tmp_path / "log").exists()


@pytest.mark.rule("E-01")
@pytest.mark.parametrize(
    "sql",
    [
        None,
        "update enrollment.entry set points = points + 100 where arrival = 3",
        "update enrollment.entry set state = 'withdrawn' where arrival = 3",
        "update enrollment.entry set arrival = arrival + 1000 where arrival = 3",
        "delete from enrollment.entry where arrival = 3",
        "update enrollment.entry set list_name = list_name || '0' where arrival = 3",
    ],
    ids=["control", "points", "state", "arrival", "gone", "list"],
)
def test_a_list_changed_by_hand_is_an_alarm_the_next_night(busy, sql):
    if sql:
        mark_dirty()
        whoever = sa.create_engine(running().servers.admin_url, poolclass=sa.NullPool)  # the database in hand, past all walls
        with whoever.begin() as owner:
            assert owner.execute(sa.text(sql)).rowcount >= 1
    with access.asking(), scopes.system("the nightly job", on_date=date(2026, 3, 3)):
        found = compare()
        db.session.commit()
        alarms = db.session.scalars(sa.select(Alarm)).all()
    assert found == len(alarms) == (0 if sql is None else 2 if "list_name" in sql else 1)
