"""A person's own pages: choosing a password by link, one's account, the post one works in, the language."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, g, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm
from wtforms import PasswordField, validators

from core.db.base import db
from core.errors import NotFound, Refusal
from core.host import hooks
from core.host.running import running
from core.regions.atlas import atlas
from core.security import links, roles, viewing
from core.security import scope as scopes
from core.security.access import allowed, for_oneself, open_to_all
from core.security.identity import Identity
from core.text import _
from core.web.errors import not_signed_in
from core.web.requests import choose_language, own_address, renew_session
from core.web.shell import role_title

bp = Blueprint("account", __name__, template_folder="templates")

_REQUIRED = validators.DataRequired(_("Please fill this in."))
_SHORT = validators.Length(max=200, message=_("This is too long."))


class FirstPasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Twice the password one chooses."""

    password = PasswordField(
        _("New password"), validators=[_REQUIRED, _SHORT], render_kw={"autocomplete": "new-password"}
    )
    password_confirm = PasswordField(
        _("New password once more"),
        render_kw={"autocomplete": "new-password"},
        validators=[_REQUIRED, validators.EqualTo("password", _("The two are not the same."))],
    )


def _me() -> Identity:
    who: Identity | None = g.identity
    if who is None:
        raise not_signed_in()
    return who


@bp.route("/activate/<token>", methods=["GET", "POST"])
@open_to_all("whoever was handed the single-use link chooses the password")
def activate(token: str) -> Any:
    """Choose the first password, or a new one after a reset."""
    who = links.look(token)
    if "language" not in session and who.language in running().settings.languages:
        choose_language(who.language)
    form = FirstPasswordForm()
    if form.validate_on_submit():
        try:
            links.redeem(token, form.password.data)
        except links.LinkGone:
            raise
        except Refusal as refused:
            form.password.errors = [*form.password.errors, str(refused)]
        else:
            renew_session()
            flash(_("Your password is stored. Please sign in."), "success")
            return redirect(url_for("security.login"))
    return render_template("account/activate.html", form=form, who=who, token=token)


@bp.get("/start")
@for_oneself("sends everybody to the first page of their own")
def start() -> Any:
    """Where one goes after signing in."""
    return redirect("/office/" if _me().post is not None else url_for("account.mine"))


@bp.get("/account")
@for_oneself("one's own account")
def mine() -> Any:
    """Who I am here, in which posts, and the ways to my sign-in and sessions."""
    who = _me()
    mine = roles.book.find(scopes.current().role)
    views = (
        [role for role in roles.book if mine and role.narrower_than(mine)]
        if allowed("core.post.see_as")
        else []
    )
    choices = [(role.name, role_title(role.name)) for role in views if role.level != "self"]
    return render_template("account/mine.html", who=who, views=choices)


@bp.post("/post")
@for_oneself("one of one's own posts")
def post() -> Any:
    """Work in another of one's posts."""
    who, wanted = _me(), request.form.get("post", "")
    if wanted == "" and g.view is not None:
        return redirect(url_for("account.start"))
    if wanted not in {str(held.id) for held in who.posts}:
        abort(404)
    session["post"] = int(wanted)
    session.pop("seen_as", None)
    return redirect(url_for("account.start"))  # the page one was on may not exist in this post


@bp.post("/account/see-as")
def see_as() -> Any:
    """Look at everything as another role at a place of one's own sees it (F-44)."""
    _me()
    place = _place(request.form.get("place", "").strip())
    view = viewing.begin(request.form.get("role", ""), place, reason=request.form.get("reason", ""))
    db.session.commit()
    session["seen_as"] = view.for_session()
    return redirect(url_for("account.start"))


def _place(reference: str) -> int:
    """The number behind a region's code or a facility's reference; what is not known is not there."""
    node = atlas().by_code.get(reference)
    answers = [] if node else hooks.ask("facility_number", reference=reference)
    found = node.no if node else next((number for number in answers if number is not None), None)
    if found is None:
        raise NotFound(
            _(
                "There is no place %(reference)s: give a region's code or a facility's short code.",
                reference=reference,
            )
        )
    return found


@bp.route("/language", methods=["GET", "POST"])
@open_to_all("anybody reads in any language")
def language() -> Any:
    """Speak another language from now on; asked by a form, a signed-in person's account remembers it."""
    wanted = request.values.get("to", "")
    if wanted not in running().settings.languages:
        abort(404)
    choose_language(wanted)
    if request.method == "POST" and g.identity is not None:
        with scopes.system("the person chose a language", actor=f"account:{g.identity.account_id}"):
            db.session.execute(
                sa.text("update core.account set language = :language where id = :id"),
                {"language": wanted, "id": g.identity.account_id},
            )
            db.session.commit()
    return redirect(own_address(request.values.get("next")))
