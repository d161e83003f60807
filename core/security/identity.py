"""From a signed-in person and the chosen post to the scope of a request, in one round trip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.db.base import db
from core.security import roles
from core.security import scope as scopes
from core.security.accounts import EVERYWHERE
from core.security.sign_ins import hashed

__all__ = ["EVERYWHERE", "LONGEST", "Identity", "PostFacts", "identify"]

#: However busy a session is kept, after a working day the person signs in again.
LONGEST = timedelta(hours=12)
_ALL = (0, 2**53)

# The days of a post count in the time zone of its place: at eight in Seoul it is still yesterday in UTC.
_WHO = sa.text("""
select a.id, a.login, a.name, a.language, s.id as sign_in_id, s.second, s.second_due, s.proved_at, v.v as version,
       p.id as post_id, p.role, p.place_no, p.extra, p.timezone, p.today, r.no as region_no, r.hi as region_hi
  from core.account a
  join core.sign_in s on s.account_id = a.id and s.key_hash = :key and s.ended_at is null and s.at > :oldest
 cross join core.activation_version v
  left join lateral (
        select post.*, zone.timezone, (cast(:now as timestamptz) at time zone zone.timezone)::date as today
          from core.post,
       lateral (select coalesce((select timezone from core.region where post.place_no between no and hi
                                  order by no desc limit 1), 'UTC') as timezone) zone
         where post.account_id = a.id) p on p.today between p.first_day and coalesce(p.last_day, 'infinity')
  left join core.region r on r.no = p.place_no
 where a.fs_uniquifier = :uniquifier and a.state = 'active'
 order by p.id
""")


@dataclass(frozen=True)
class PostFacts:
    """A post as the post switcher shows it."""

    id: int
    role: str
    place_no: int


@dataclass(frozen=True)
class Identity:
    """Who is signed in, in which post, and which others they hold; `version` is that of the region tree.

    `second` is the second step this session passed (app, passkey, recovery, or empty), `second_due` the day from which the
    person's role needs one, `proved_at` when they last proved who they are.
    """

    account_id: int
    login: str
    name: str
    language: str
    uniquifier: str
    sign_in_id: int
    version: int
    timezone: str
    post: PostFacts | None
    posts: tuple[PostFacts, ...]
    scope: scopes.Scope
    second: str = ""
    second_due: date | None = None
    proved_at: datetime | None = None

    def lacks_second_step(self, today: date) -> bool:
        """Whether the role needs a second step by now and this session passed none."""
        return not self.second and self.second_due is not None and self.second_due <= today


def identify(
    uniquifier: str, key: str, post_id: int | None = None, now: datetime | None = None
) -> Identity | None:
    """Find the person behind a session and the scope of the chosen (else the first) post in force.

    None when the session has ended: by signing out, a change of roles or password, leaving, or after
    `LONGEST`. Nobody has a scope yet, so this statement runs on the system's own connection, outside any
    transaction.
    """
    now = now or datetime.now(UTC)
    facts = {"uniquifier": uniquifier, "key": hashed(key), "now": now, "oldest": now - LONGEST}
    with db.engines["system"].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        rows = connection.execute(_WHO, facts).mappings().all()
    if not rows:
        return None
    held = [row for row in rows if row["post_id"] is not None]
    chosen = next((row for row in held if row["post_id"] == post_id), held[0] if held else None)
    first = rows[0]
    return Identity(
        first["id"],
        first["login"],
        first["name"],
        first["language"],
        uniquifier,
        first["sign_in_id"],
        first["version"],
        chosen["timezone"] if chosen else "UTC",
        _facts(chosen) if chosen else None,
        tuple(_facts(row) for row in held),
        _scope(first, chosen, now.date()),
        first["second"],
        first["second_due"],
        first["proved_at"],
    )


def _facts(row: Any) -> PostFacts:
    return PostFacts(row["post_id"], row["role"], row["place_no"])


def _scope(first: Any, chosen: Any, today: date) -> scopes.Scope:
    who: dict[str, Any] = {
        "kind": "user",
        "actor": f"account:{first['id']}",
        "account_id": first["id"],
        "language": first["language"],
    }
    if chosen is None:
        return scopes.Scope(**who, on_date=today)  # signed in, works nowhere
    who |= {"role": chosen["role"], "on_date": chosen["today"]}
    place = chosen["place_no"]
    role = roles.book.find(chosen["role"])
    if role is not None and role.level == "self":
        return scopes.Scope(**who, place=place)  # sees what is one's own, whatever place it belongs to
    if place == EVERYWHERE:
        return scopes.Scope(**who, ranges=(_ALL,))
    if chosen["region_no"] is not None:
        return scopes.Scope(**who, place=place, ranges=((chosen["region_no"], chosen["region_hi"]),))
    return scopes.Scope(**who, place=place, facilities=(place, *chosen["extra"]))
