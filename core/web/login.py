"""Signing in and out by Flask-Security: its views and session work, our accounts, forms, lockout and second steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Flask, g, make_response, redirect, session, url_for
from flask_login import user_logged_out
from flask_principal import identity_changed
from flask_security import Security, UserDatastore, UserMixin
from flask_security.datastore import Datastore
from flask_security.forms import ChangePasswordForm, LoginForm
from flask_security.signals import user_authenticated
from flask_security.tf_plugin import TfPlugin
from flask_security.utils import login_user
from wtforms import PasswordField, StringField, validators

from core.db.base import db
from core.errors import Refusal
from core.host.running import running
from core.regions import second_steps
from core.security import hashing, lockout, passwords, second_step, sign_ins
from core.security import scope as scopes
from core.security.access import for_oneself, open_to_all
from core.security.factors import holding
from core.text import _
from core.web.errors import not_signed_in
from core.web.requests import own_address, renew_session

_REQUIRED = validators.DataRequired(_("Please fill this in."))
_SHORT = validators.Length(max=200, message=_("This is too long."))


class Person(UserMixin):  # type: ignore[misc]  # Flask-Security has no types
    """What Flask-Security knows of a person; the password is fetched only to be compared."""

    active = True
    fs_uniquifier = ""
    roles: tuple[Any, ...] = ()

    def __init__(self, account_id: int, login: str, uniquifier: str) -> None:
        self.id, self.username, self.fs_uniquifier = account_id, login, uniquifier
        self._password: str | None = None

    @property
    def password(self) -> str | None:
        """The stored hash, or the one just made."""
        if self._password is None:
            self._password = passwords.of(self.id)
        return self._password

    @password.setter
    def password(self, hashed: str | None) -> None:
        self._password = hashed


class People(Datastore, UserDatastore):  # type: ignore[misc]
    """Flask-Security's door to accounts; every access is system work of its own, whatever the page is."""

    def __init__(self) -> None:
        Datastore.__init__(self, db)
        UserDatastore.__init__(self, Person, None)

    def find_user(self, case_insensitive: bool = False, **asked: Any) -> Person | None:
        """The person of this request; the request has found them already, so this asks nobody again."""
        who = g.get("identity")
        if who is None or asked.get("fs_uniquifier") != who.uniquifier:
            return None
        return Person(who.account_id, who.login, who.uniquifier)

    def find_role(self, role: str) -> None:
        """Roles are ours, not Flask-Security's."""

    def put(self, model: Person) -> Person:
        """Store a password hashed anew; the session mark goes with it and ends all other sessions."""
        with scopes.system("the person chose a password", actor=f"account:{model.id}"):
            passwords.store(model.id, model.password, model.fs_uniquifier)
            db.session.commit()
        return model


class SignInForm(LoginForm):  # type: ignore[misc]
    """Account ID and password; whatever is wrong, the answer is the same."""

    email = None
    remember = None
    username = StringField(
        _("Account ID"),
        validators=[_REQUIRED, _SHORT],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _("Password"), validators=[_REQUIRED, _SHORT], render_kw={"autocomplete": "current-password"}
    )

    def validate(self, **kw: Any) -> bool:
        """Count and check one attempt."""
        if not super(LoginForm, self).validate(**kw):
            return False
        try:
            admitted = lockout.attempt(self.username.data, self.password.data)
        except lockout.SignInRefused as refused:
            self.form_errors.append(str(refused))
            return False
        g.admitted = admitted
        self.user = Person(admitted.account_id, admitted.login, admitted.uniquifier)
        return True


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The present password and twice the new one."""

    password = PasswordField(_("Present password"), validators=[_REQUIRED, _SHORT])
    new_password = PasswordField(_("New password"), validators=[_REQUIRED, _SHORT])
    new_password_confirm = PasswordField(
        _("New password once more"),
        validators=[_REQUIRED, validators.EqualTo("new_password", _("The two are not the same."))],
    )

    def validate(self, **kw: Any) -> bool:
        """Check both; a session left open does not suffice to change the password."""
        if not super(ChangePasswordForm, self).validate(**kw):
            return False
        who = g.identity
        if not passwords.matches(self.password.data, passwords.of(who.account_id)):
            self.password.errors.append(_("This is not your present password."))
            return False
        try:
            self.new_password.data = passwords.checked(self.new_password.data, who.login, who.name)
        except Refusal as refused:
            self.new_password.errors.append(str(refused))
            return False
        if self.new_password.data == passwords.normalized(self.password.data):
            self.new_password.errors.append(_("Choose another one than before."))
            return False
        return True


def install(app: Flask) -> None:
    """Mount Flask-Security's views to sign in, sign out and change the password, and nothing else of it."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106  the name of the function
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=passwords.ARGON2,
        SECURITY_PASSWORD_LENGTH_MIN=passwords.SHORTEST,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"username": {"mapper": str, "case_insensitive": True}}],
        SECURITY_CHANGEABLE=True,
        SECURITY_CHANGE_URL="/account/password",
        SECURITY_POST_CHANGE_VIEW="account.mine",
        SECURITY_SEND_PASSWORD_CHANGE_EMAIL=False,
        SECURITY_POST_LOGIN_VIEW="account.start",
        SECURITY_POST_LOGOUT_VIEW="/",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_FRESHNESS=timedelta(seconds=-1),
        SECURITY_STATIC_FOLDER=None,
        SECURITY_CACHE_CONTROL=None,  # core/web/headers.py
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        SECURITY_MSG_PASSWORD_CHANGE=(
            _("Your password was changed, and every other session was ended."),
            "success",
        ),
        SECURITY_MSG_INVALID_REDIRECT=(_("The address to return to is not ours."), "error"),
    )
    security = Security(app, People(), login_form=SignInForm, change_password_form=NewPasswordForm)
    security.two_factor_plugins = Steps()
    hashing.limit(running(app).settings.threads)
    security.unauthn_handler(_refuse)
    security.want_json(lambda _request: False)
    security.login_manager.request_loader(lambda _request: None)  # no tokens in headers or addresses
    _silence_principal(app, security)
    for endpoint, mark in _MARKS.items():
        mark(app.view_functions[endpoint])
    app.view_functions["security.login"] = _returning_home(app.view_functions["security.login"])
    user_authenticated.connect(_begin, app)
    user_logged_out.connect(_end, app)


def _returning_home(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let nobody be led elsewhere by signing in, whatever the library takes for an address of this site."""

    @wraps(view)
    def guarded(**values: Any) -> Any:
        answer = make_response(view(**values))
        if answer.location:
            answer.location = own_address(answer.location)
        return answer

    return guarded


_MARKS = {
    "security.login": open_to_all("one signs in before one has a right"),
    "security.logout": for_oneself("whoever is signed in may leave"),
    "security.change_password": for_oneself("one's own password, after the present one"),
}


def _silence_principal(app: Flask, security: Any) -> None:
    """Flask-Principal would put its own identity in the place of ours; our permissions do not use it."""
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    identity_changed.disconnect(security.principal._on_identity_changed, app)


def _refuse(*_unused: Any, **_named: Any) -> Any:
    raise not_signed_in()


def _begin(_sender: Flask, user: Person, **_unused: Any) -> None:
    """The session is made anew for the person, so that nothing planted before survives (ASVS V7.2.4)."""
    kept = {name: session[name] for name in ("_user_id", "_fresh", "_id", "fs_paa") if name in session}
    admitted = g.pop("admitted", None)
    duty = second_steps.duty(user.id)
    key = sign_ins.begin(
        user.id,
        admitted.attempt_id or None if admitted else None,
        second=g.pop("second", ""),
        second_due=duty.since if duty else None,
    )
    renew_session(**kept, sign_in=key)
    session.permanent = True


def let_in(admitted: lockout.Admitted, second: str) -> None:
    """Open the session of a person who has passed everything; `second` is the step that was passed."""
    g.admitted, g.second = admitted, second
    login_user(Person(admitted.account_id, admitted.login, admitted.uniquifier), authn_via=["password", second])


class Steps(TfPlugin):  # type: ignore[misc]
    """Flask-Security asks here after each right password whether more is needed before the session begins."""

    def tf_enter(self, user: UserMixin, remember_me: Any, primary_authn_via: str, next_loc: Any) -> Any:
        """Lead a person who has a second step to its page; None lets everybody else in."""
        admitted = g.admitted
        if not holding.held(admitted.account_id).any:
            return None
        second_step.await_step(admitted.attempt_id, admitted.account_id)
        renew_session(
            pending={"attempt": admitted.attempt_id, "mark": admitted.uniquifier, "next": own_address(next_loc)}
        )
        return redirect(url_for("entering.step"))


def _end(_sender: Flask, **_unused: Any) -> None:
    """The sign-in ends in the database too: a copy of the cookie opens nothing."""
    who, key = g.get("identity"), session.get("sign_in")
    if who is not None and key:
        sign_ins.end(who.account_id, key=key, because="signed out")
    g.identity = None
    g.left = True
    renew_session()
