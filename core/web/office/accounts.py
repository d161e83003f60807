"""Accounts of the post's region: find one, see its posts and history, issue a new one (S1-207, S1-238, F-42)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import request
from flask_admin import expose
from flask_wtf.csrf import generate_csrf

from core.db.base import db
from core.errors import NotFound
from core.host.running import running
from core.security import access, account_services, contacts
from core.security import scope as scopes
from core.security.accounts import Account, Post
from core.text import _
from core.web import i18n, keyset
from core.web.office import account_history, account_links, asked, naming
from core.web.office.account_acts import AccountActs, account_here
from core.web.office.account_forms import IssueForm, written
from core.web.shell import role_title

SIZE = 50
#: Filters of the list: name → (title, condition).
LISTS: dict[str, tuple[Any, Any]] = {
    "all": (_("All"), sa.true()),
    "active": (_("Working"), sa.and_(Account.state == "active", Account.activated_at.is_not(None))),
    "new": (_("Link not used yet"), sa.and_(Account.state == "active", Account.activated_at.is_(None))),
    "suspended": (_("Suspended"), Account.state == "suspended"),
    "left": (_("Left"), Account.state == "left"),
}


class AccountsPage(AccountActs):
    """Who has an account here, and what may be done with it."""

    slug = "accounts"
    title = _("Accounts")
    section = _("Administration")
    icon = "people"
    weight = 15
    permission = "core.account"

    @expose("/")
    def index(self) -> Any:
        """The accounts in the post's region, by account ID."""
        state, wanted = request.args.get("state") or "all", request.args.get("q", "").strip()[:100]
        if state not in LISTS:
            raise NotFound(_("There is no such list: choose one of those above."))
        query = sa.select(Account).where(LISTS[state][1])
        if wanted:
            like = f"%{_plain(wanted)}%"
            query = query.where(
                sa.or_(Account.login.ilike(like, escape="\\"), Account.name.ilike(like, escape="\\"))
            )
        page = keyset.page(
            query, Account.login, Account.id, descending=False, size=SIZE, mark=request.args.get("at")
        )
        keep = {"state": state, "q": wanted or None}
        posts = self._posts([one.id for one in page.rows])
        return self.render(
            "office/accounts.html", rows=page.rows, posts=posts, lists=LISTS, state=state, q=wanted, zone=i18n.zone(),
            states={one.id: state_of(one) for one in page.rows}, role_title=role_title,
            places=naming.places(post.place_no for held in posts.values() for post in held),
            first=self.get_url(".index", **keep) if request.args.get("at") else None,
            previous=self.get_url(".index", **keep, at=page.previous) if page.previous else None,
            next=self.get_url(".index", **keep, at=page.next) if page.next else None,
            may_create=self.may("create"),
        )  # fmt: skip

    def _posts(self, accounts: list[int]) -> dict[int, list[Post]]:
        """The posts in force today, by account."""
        today = scopes.current().on_date
        query = sa.select(Post).where(
            Post.account_id.in_(accounts), Post.first_day <= today, sa.or_(Post.last_day.is_(None), Post.last_day >= today)
        )  # fmt: skip
        found: dict[int, list[Post]] = {number: [] for number in accounts}
        for post in db.session.scalars(query.order_by(Post.id)):
            found[post.account_id].append(post)
        return found

    @expose("/<number>")
    def details(self, number: str) -> Any:
        """One account: its state, its posts here, what happened to it, and what can be done."""
        account, me = account_here(asked.number(number)), scopes.current()
        query = sa.select(Post).where(Post.account_id == account.id).order_by(Post.id.desc()).limit(100)
        posts = list(db.session.scalars(query))
        zone, at, own = i18n.zone(), account.region_no, account.id == me.account_id
        may = {
            act: not own and self._may_here(f"core.account.{act}", at)
            for act in ("suspend", "enable", "unlock")
        }
        return self.render(
            "office/account.html", account=account, posts=posts, zone=zone, own=own, may=may, csrf=generate_csrf(),
            state=state_of(account), region=naming.places([at])[at], locked=is_locked(account), role_title=role_title,
            places=naming.places(post.place_no for post in posts), today=me.on_date,
            may_give=not own and access.allowed("core.post.create"), may_end=access.allowed("core.post.update"),
            contacts=contacts.masked_of(account.id), history=account_history.of(account), languages=i18n.names(running().settings.languages),
        )  # fmt: skip

    def _may_here(self, permission: str, at: int) -> bool:
        return access.allowed(permission, at=at)

    @expose("/new", methods=("GET", "POST"))
    def new(self) -> Any:
        """Issue a person's account with its first post; the link is shown once."""
        access.require("core.account.create")
        form = IssueForm(place=request.args.get("place"), role=request.args.get("role"))
        if form.validate_on_submit():
            good, issued = self._done(
                lambda: account_services.issue(
                    login=written(form.login), name=written(form.name), role=form.role.data, place=asked.place(),
                    reason=asked.reason(), language=form.language.data, email=written(form.email) or None,
                    first_day=form.first_day.data,
                ),
                form,
            )  # fmt: skip
            if good:
                return account_links.show(
                    self, issued.account, issued.token, "activate", waits=issued.waiting is not None
                )
        return self.render(
            "office/account_new.html", form=form, known=naming.regions(), back=self.get_url(".index")
        )


def _plain(text: str) -> str:
    """The text as a pattern that means only itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def is_locked(account: Account) -> bool:
    """Whether the person waits after too many failures."""
    return account.locked_until is not None and account.locked_until > datetime.now(UTC)


def state_of(account: Account) -> tuple[str, Any]:
    """Kind and word of an account's state."""
    if account.state == "left":
        return "neutral", _("left")
    if account.state == "suspended":
        disuse = account.suspended_because == "disuse"
        return "stop", _("suspended: not used for long") if disuse else _("suspended by an officer")
    if account.activated_at is None:
        return "waiting", _("link not used yet")
    return ("attention", _("waits after failures")) if is_locked(account) else ("ok", _("working"))
