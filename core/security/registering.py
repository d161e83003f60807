"""People register themselves: name, address, password; a code shows the address is theirs, and only then there is an account.

A known address gets the same answer, the same work and a notice to its owner: nobody learns who has an account.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.errors import Refusal
from core.security import addresses, codes, contacts, notices, passwords, roles
from core.security import scope as scopes
from core.security.accounts import Account, Post
from core.security.addresses import Address
from core.security.rows import Unscoped
from core.text import _

#: None that are mistaken for another when read aloud.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_LONGEST_NAME = 80


class BadName(Refusal):
    """No name was given, or a text that is none."""

    code: ClassVar[str] = "registration.bad-name"
    http: ClassVar[int] = 422


class NotOffered(Refusal):
    """Nobody can register here: no module has a role people give themselves, or not in this region."""

    code: ClassVar[str] = "registration.not-offered"
    http: ClassVar[int] = 404


class Registration(Unscoped("nobody's yet; read and written by the system only"), db.Model):  # type: ignore[misc]
    """What somebody typed, until the code comes back; forgotten after a day."""

    __tablename__ = "registration"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), index=True)
    channel: Mapped[str]
    value: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    language: Mapped[str]
    region_no: Mapped[int] = mapped_column(sa.BigInteger)
    password: Mapped[str | None] = mapped_column(deferred=True)
    known_account: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("core.account.id", ondelete="CASCADE"), index=True
    )
    done_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))

    @property
    def address(self) -> Address:
        """Where the code goes."""
        return Address("email" if self.channel == "email" else "phone", self.value)


@dataclass(frozen=True)
class Registered:
    """A new account, for the session that begins with it."""

    account_id: int
    login: str
    uniquifier: str


def own_role() -> roles.Role | None:
    """The role people give themselves: the one that sees only what is one's own."""
    return next((role for role in roles.book if role.level == "self"), None)


def begin(typed: str, *, name: str, password: str, language: str, region_no: int) -> int:
    """Note what somebody typed and send the code; gives the registration's id, whether the address is known or not.

    Raises `BadAddress`, `BadName`, `WeakPassword`: what depends on the words typed and on nothing else. Commits.
    """
    plain = _name(name)
    with scopes.system("somebody registers", actor="registration"):
        address = addresses.read(typed, addresses.countries(region_no))
    hashed = passwords.hashed(passwords.checked(password, plain, address.value))  # slow: no connection is held meanwhile
    with scopes.system("somebody registers", actor="registration"):
        now = datetime.now(UTC)
        owner, lately = db.session.execute(
            sa.text(
                "select (select account_id from core.contact where value = :value and signs_in), "
                "(select count(*) from core.registration where value = :value and at > :since)"
            ),
            {"value": address.value, "since": now - timedelta(hours=1)},
        ).one()
        made = Registration(
            at=now, channel=address.channel, value=address.value, name=plain, language=language, region_no=region_no,
            password=hashed, known_account=owner,
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        number = int(made.id)
        code = codes.make(registration_id=number)
        if lately < codes.AN_HOUR:  # else an address could be flooded; the page says the same
            if owner is None:
                notices.tell(None, "register.code", place=region_no, registration=number, code=code)
            else:
                notices.tell(owner, "register.known", place=region_no, registration=number)
        db.session.commit()
    return number


def confirm(registration_id: int, typed: str) -> Registered:
    """Take the code and open the account. Commits. Raises `WrongCode`, `CodeGone`."""
    with scopes.system("somebody registers", actor="registration"):
        codes.redeem(typed, registration_id=registration_id)
        row = db.session.get(Registration, registration_id, with_for_update=True)
        if row is None or row.known_account is not None or row.done_at is not None or row.password is None:
            db.session.rollback()  # whoever guessed the six digits of a known address learns nothing by it
            raise codes.WrongCode(
                _("These are not the six digits we sent. Look at the newest message, and type them again.")
            )
        try:
            account = register(
                row.address, name=row.name, password_hash=row.password, language=row.language, region_no=row.region_no
            )
        except IntegrityError:
            db.session.rollback()
            raise codes.CodeGone(_("This address was registered meanwhile: sign in with it.")) from None
        row.done_at, row.password = datetime.now(UTC), None
        db.session.commit()
        found = db.session.execute(
            sa.select(Account.id, Account.login, Account.fs_uniquifier).where(Account.id == account.id)
        ).one()
    return Registered(*found)


def register(address: Address, *, name: str, password_hash: str, language: str, region_no: int) -> Account:
    """An account in its own role for whoever holds a confirmed address. In the system's session; the caller commits.

    Raises `NotOffered`, `WrongPlace`, and `IntegrityError` when the address signs somebody in already.
    """
    role = own_role()
    if role is None:
        raise NotOffered(_("Nobody can register here: ask your district office for an account."))
    roles.check_place(role, region_no)
    account = Account(
        login="p-" + "".join(secrets.choice(_LETTERS) for _n in range(10)),
        name=_name(name),
        language=language,
        fs_uniquifier=uuid4().hex,
        region_no=region_no,
        password=password_hash,
        activated_at=datetime.now(UTC),
    )
    db.session.add(account)
    db.session.flush()
    contacts.put_confirmed(account, address)
    db.session.add(
        Post(
            account_id=account.id, role=role.name, place_no=region_no, first_day=scopes.current().on_date,
            reason="registered",
        )
    )  # fmt: skip
    db.session.flush()
    return account


def forget_old(now: datetime | None = None) -> int:
    """Delete what was typed before yesterday: by then it is an account, or nothing."""
    before = (now or datetime.now(UTC)) - timedelta(days=1)
    gone = db.session.execute(sa.delete(Registration).where(Registration.at < before))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _name(typed: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in typed).split())
    if not plain or len(plain) > _LONGEST_NAME:
        raise BadName(_("Give your name as people call you, up to %(most)s letters.", most=_LONGEST_NAME))
    return plain
