"""Flask-Security's own views on the harness, with people kept in memory, so that its pages are drawn by our overrides."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template
from flask_security import Security, UserDatastore, UserMixin
from flask_security.datastore import Datastore


class Person(UserMixin):  # type: ignore[misc]
    """A person who can sign in."""

    fs_uniquifier = "u1"

    def __init__(self) -> None:
        self.id = 1
        self.email = "kim@example.org"
        self.username = "kim"
        self.password = None
        self.active = True
        self.roles: list[Any] = []
        self.tf_primary_method = None
        self.tf_totp_secret = None
        self.tf_phone_number = None
        self.mf_recovery_codes: list[str] = []


class Store(Datastore):  # type: ignore[misc]
    """Nothing to write to."""

    def __init__(self) -> None:
        super().__init__(None)

    def put(self, model: Any) -> Any:
        return model

    def delete(self, model: Any) -> None:
        """Nobody is removed here."""

    def commit(self) -> None:
        """Nothing to write."""


class People(Store, UserDatastore):  # type: ignore[misc]
    """One person, found by whatever is asked."""

    def __init__(self) -> None:
        Store.__init__(self)
        UserDatastore.__init__(self, Person, None)
        self.kim = Person()

    def find_user(self, case_insensitive: bool = False, **asked: Any) -> Person | None:
        return (
            self.kim if all(getattr(self.kim, key, None) == value for key, value in asked.items()) else None
        )

    def find_role(self, role: str) -> None:
        return None

    def toggle(self, *_args: Any) -> None:
        """No roles here."""


def install(app: Flask) -> None:
    """Mount Flask-Security after the theme, so that our templates win."""
    app.config.update(
        SECURITY_PASSWORD_SALT="salt",
        SECURITY_PASSWORD_HASH="plaintext",
        SECURITY_PASSWORD_SCHEMES=["plaintext"],
        SECURITY_RECOVERABLE=True,
        SECURITY_CHANGEABLE=True,
        SECURITY_SCRIPT_NONCE_KEY="csp_nonce",
        SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS=False,
        SECURITY_SEND_REGISTER_EMAIL=False,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"email": {"mapper": lambda x: x}}],
        WTF_CSRF_CHECK_DEFAULT=True,
    )
    security = Security(app, People())

    @app.get("/security/<page>")
    def security_page(page: str) -> str:
        """Pages that need a half-finished sign-in, drawn with their own forms."""
        from flask_security import forms

        made: dict[str, Any] = {
            "change_password": {"change_password_form": forms.ChangePasswordForm(), "active_password": True},
            "reset_password": {"reset_password_form": forms.ResetPasswordForm(), "reset_password_token": "t"},
            "two_factor_verify_code": {
                "two_factor_verify_code_form": forms.TwoFactorVerifyCodeForm(),
                "two_factor_rescue_form": None,
                "chosen_method": "authenticator",
            },
            "verify": {
                "verify_form": forms.VerifyForm(user=People().kim),
                "has_webauthn_verify_credential": False,
            },
        }[page]
        return render_template(
            f"security/{page}.html",
            **made,
            url_for_security=lambda name, **_kw: f"/{name}",
            security=security,
            identity_attributes=["email"],
            _fs_is_user_authenticated=lambda _u: False,
        )
