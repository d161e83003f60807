"""What an officer does with an account: suspend, resume, unlock, new link, close; give, end and hand over posts (F-42)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, request
from flask_admin import expose
from flask_wtf.csrf import generate_csrf

from core.db.base import db
from core.errors import NotFound
from core.security import access, account_services
from core.security.accounts import Account, Post
from core.security.approvals import Approval
from core.security.factors import lost
from core.text import _
from core.web.admin.guarded import PageView, attempting
from core.web.office import account_links, asked, naming
from core.web.office.account_forms import EndForm, HandOverForm, PostForm, say_beside, written
from core.web.shell import role_title

#: Acts that need nothing but a reason: name in the address → service and what is said after it.
SIMPLE: dict[str, tuple[Callable[..., None], Any]] = {
    "suspend": (account_services.suspend, _("The account is suspended: its sessions have ended.")),
    "enable": (account_services.enable, _("The account works again.")),
    "unlock": (account_services.unlock, _("The person can try again at once.")),
}


def account_here(number: int) -> Account:
    """An account of the post's region; any other is not there."""
    access.require("core.account.read")
    found: Account | None = db.session.scalar(sa.select(Account).where(Account.id == number))
    if found is None:
        raise NotFound(_("There is no such account here. Another district or city may look after it."))
    return found


def post_here(number: int) -> Post:
    """A post at a place of the current post."""
    found: Post | None = db.session.scalar(sa.select(Post).where(Post.id == number))
    if found is None:
        raise NotFound(_("There is no such post here."))
    access.require("core.post.update", at=found.place_no)
    return found


class AccountActs(PageView):
    """The acts, each in its own address; the page of accounts derives from it."""

    def _home(self, number: int) -> str:
        return str(self.get_url(".details", number=number))

    def _done(self, act: Callable[[], Any], form: Any = None) -> tuple[bool, Any]:
        """Do and commit; a refusal is said beside its field, or at the top of the page."""
        result = None
        with attempting() as attempt:
            result = act()
        if attempt.refused and (form is None or not say_beside(form, attempt.refused)):
            flash(str(attempt.refused), "error")
        return attempt.refused is None, result

    @expose("/<number>/act/<wanted>", methods=("POST",))
    def act(self, number: str, wanted: str) -> Any:
        """Suspend, resume or unlock with a reason."""
        account = asked.number(number)
        if wanted not in SIMPLE:
            raise NotFound(_("There is no such act: choose one of the buttons on the page of the account."))
        service, said = SIMPLE[wanted]
        if self._done(lambda: service(account, reason=asked.reason()))[0]:
            flash(said, "success")
        return redirect(self._home(account))

    @expose("/<number>/link", methods=("POST",))
    def link(self, number: str) -> Any:
        """A new link: shown at once to who never had a password, else put before a second officer (S1-220)."""
        chosen = asked.number(number)
        good, made = self._done(lambda: account_services.new_link(chosen, reason=asked.reason()))
        if good and isinstance(made, str):
            return account_links.show(self, account_here(chosen), made, "activate")
        if good:
            flash(
                _("A second officer has to agree; then they hand the link over. It waits under Approvals."),
                "success",
            )
        return redirect(self._home(chosen))

    @expose("/<number>/second-step", methods=("POST",))
    def second_step(self, number: str) -> Any:
        """Ask a second officer to agree that lost second steps are removed."""
        chosen = asked.number(number)
        if self._done(lambda: lost.ask(chosen, reason=asked.reason()))[0]:
            flash(_("A second officer has to agree; it waits under Approvals."), "success")
        return redirect(self._home(chosen))

    @expose("/<number>/leave", methods=("GET", "POST"))
    def leave(self, number: str) -> Any:
        """Close the account of a person who has left: nobody else ever gets it (S1-206)."""
        account = account_here(asked.number(number))
        access.require("core.account.suspend", at=account.region_no)
        if request.method == "POST":
            if request.form.get("confirm_word", "").strip() != account.login:
                flash(_("Type the account ID to close the account: it cannot be opened again."), "error")
            elif self._done(lambda: account_services.leave(account.id, reason=asked.reason()))[0]:
                flash(_("The account is closed and its posts here have ended."), "success")
                return redirect(self._home(asked.number(number)))
        return self.render(
            "office/account_leave.html", account=account, csrf=generate_csrf(), back=self._home(account.id)
        )

    @expose("/<number>/posts/new", methods=("GET", "POST"))
    def give(self, number: str) -> Any:
        """Give a role at a place; an officer's role waits for a second officer."""
        account, form = account_here(asked.number(number)), PostForm()
        access.require("core.post.create")
        if form.validate_on_submit():
            good, made = self._done(
                lambda: account_services.give(
                    account.id, role=form.role.data, place=asked.place(), reason=asked.reason(),
                    first_day=form.first_day.data, last_day=form.last_day.data,
                ),
                form,
            )  # fmt: skip
            if good:
                flash(said_of(made), "success")
                return redirect(self._home(asked.number(number)))
        return self.render(
            "office/post_form.html",
            form=form,
            account=account,
            known=naming.regions(),
            back=self._home(account.id),
        )

    @expose("/posts/<number>/end", methods=("GET", "POST"))
    def end(self, number: str) -> Any:
        """End a post, at once or after a day."""
        post, form = post_here(asked.number(number)), EndForm()
        account, facts = post.account_id, self._facts(post)
        if form.validate_on_submit():
            ended = self._done(
                lambda: account_services.end(post.id, reason=asked.reason(), last_day=form.last_day.data),
                form,
            )
            if ended[0]:
                flash(_("The post ends as you said; the history keeps it."), "success")
                return redirect(self._home(account))
        return self.render("office/post_end.html", form=form, back=self._home(account), **facts)

    @expose("/posts/<number>/hand-over", methods=("GET", "POST"))
    def hand_over(self, number: str) -> Any:
        """Let another person take a post over from a day: never a renamed account (S1-222)."""
        post, form = post_here(asked.number(number)), HandOverForm()
        account, facts = post.account_id, self._facts(post)
        if form.validate_on_submit():
            first_day, login = form.first_day.data, written(form.to).lower()
            assert first_day is not None, "the form wants one"
            to: int | None = db.session.scalar(sa.select(Account.id).where(Account.login == login))
            if to is None:
                form.to.errors = [
                    *form.to.errors,
                    _("There is no account with this ID here: issue it first."),
                ]
            else:
                good, made = self._done(
                    lambda: account_services.hand_over(
                        post.id, to_account=to, first_day=first_day, reason=asked.reason()
                    ),
                    form,
                )
                if good:
                    flash(said_of(made), "success")
                    return redirect(self._home(to))
        return self.render("office/post_hand_over.html", form=form, back=self._home(account), **facts)

    def _facts(self, post: Post) -> dict[str, Any]:
        return {
            "role": role_title(post.role), "place": naming.places([post.place_no])[post.place_no],
            "person": naming.people([post.account_id])[post.account_id], "first_day": post.first_day,
        }  # fmt: skip


def said_of(made: Post | Approval) -> Any:
    """What is said after a post was given."""
    if isinstance(made, Approval):
        return _("A second officer has to agree before the post holds. It waits under Approvals.")
    return _("The post is given.")
