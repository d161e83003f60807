"""The words of core's notices: short enough for a telephone, with what to do if it was not you."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from core.text import Text, _
from core.web import i18n

Words = tuple[Text, Text]
Facts = Mapping[str, str]


def of(kind: str, facts: Facts, secret: str) -> Words:
    """Subject and text of a notice in the language in force; `secret` is its code or link."""
    return _WORDS[kind](facts, secret)


def _code(_facts: Facts, secret: str) -> Words:
    return (
        _("Your code"),
        _(
            "%(code)s is your code for Dolbom. It works once, for ten minutes. We never ask for it by telephone. "
            "If you asked for nothing, do nothing.",
            code=secret,
        ),
    )


def _known(_facts: Facts, _secret: str) -> Words:
    return (
        _("You have an account already"),
        _(
            "Somebody wanted to register at Dolbom with this address, and it has an account. If it was you: sign in with this "
            "address, or choose “I forgot my password”. If not, do nothing."
        ),
    )


def _added(facts: Facts, _secret: str) -> Words:
    return (
        _("A contact was added"),
        _(
            "%(address)s now belongs to your account %(login)s. If this was not you, change your password at once and tell "
            "your office.",
            address=facts["address"],
            login=facts["login"],
        ),
    )


def _removed(facts: Facts, _secret: str) -> Words:
    return (
        _("A contact was removed"),
        _(
            "%(address)s no longer belongs to your account %(login)s. If this was not you, change your password at once and "
            "tell your office.",
            address=facts["address"],
            login=facts["login"],
        ),
    )


def _reset(facts: Facts, secret: str) -> Words:
    return (
        _("Choose a new password"),
        _(
            "Choose a new password for %(login)s here: %(link)s It works once, for ten minutes. If you asked for nothing, do "
            "nothing: your password stays.",
            login=facts["login"],
            link=secret,
        ),
    )


def _unlock(facts: Facts, secret: str) -> Words:
    return (
        _("Unlock your account"),
        _(
            "Unlock %(login)s here: %(link)s It works once, for ten minutes. If you asked for nothing, somebody may be "
            "guessing your password: tell your office.",
            login=facts["login"],
            link=secret,
        ),
    )


def _asked(facts: Facts, _secret: str) -> Words:
    return (
        _("Somebody asked for a way into your account"),
        _(
            "A link for your account %(login)s went to %(address)s. If this was not you, tell your office.",
            login=facts["login"],
            address=facts["address"],
        ),
    )


def _started(facts: Facts, _secret: str) -> Words:
    return (
        _("A new password was asked for"),
        _(
            "An officer asked for a new password for your account %(login)s; a second officer has to agree. You choose the "
            "password yourself. If you did not ask for it, tell your office.",
            login=facts["login"],
        ),
    )


def _changed(facts: Facts, _secret: str) -> Words:
    return (
        _("How you sign in was changed"),
        _(
            "%(change)s Account %(login)s. If this was not you, tell your office at once.",
            change=str(_CHANGES[facts["what"]]),
            login=facts["login"],
        ),
    )


#: What a credential change was, by the word its notice carries.
_CHANGES: dict[str, Text] = {
    "password-changed": _("Your password was changed."),
    "app-added": _("An authenticator app was added."),
    "app-removed": _("An authenticator app was removed."),
    "passkey-added": _("A passkey was added."),
    "passkey-removed": _("A passkey was removed."),
    "codes-made": _("New recovery codes were made; the earlier ones stopped working."),
    "code-used": _("A recovery code was used to sign in."),
    "factors-forgotten": _("Two officers removed your second step."),
}


def _elsewhere(facts: Facts, _secret: str) -> Words:
    return (
        _("A sign-in from a new place"),
        _(
            "Somebody signed in to your account %(login)s in a way you never did before (%(browser)s, %(network)s). If this was "
            "not you, change your password at once and tell your office.",
            login=facts["login"],
            browser=facts.get("browser", "—"),
            network=facts.get("network", "—"),
        ),
    )


def _after_failures(facts: Facts, _secret: str) -> Words:
    return (
        _("A sign-in after several failures"),
        _(
            "Somebody signed in to your account %(login)s after several attempts that failed. If this was not you, change your "
            "password at once and tell your office.",
            login=facts["login"],
        ),
    )


def _half_done(facts: Facts, _secret: str) -> Words:
    return (
        _("Somebody knows your password"),
        _(
            "Somebody gave the right password of your account %(login)s and did not pass the second step. If this was not you, "
            "change your password at once.",
            login=facts["login"],
        ),
    )


def _suspended(facts: Facts, _secret: str) -> Words:
    return (
        _("Your account is suspended"),
        _("Your account %(login)s was suspended. Ask your district or city office.", login=facts["login"]),
    )


def _enabled(facts: Facts, _secret: str) -> Words:
    return (
        _("Your account works again"),
        _("Your account %(login)s works again. Sign in as before.", login=facts["login"]),
    )


def _handed_over(facts: Facts, _secret: str) -> Words:
    return (
        _("A post was handed over"),
        _(
            "A post was handed over from %(day)s. You see your posts under “My account” (%(login)s). If you know nothing of "
            "it, ask your district office.",
            day=i18n.day(date.fromisoformat(facts["day"])),
            login=facts["login"],
        ),
    )


_WORDS: dict[str, Callable[[Facts, str], Words]] = {
    "contact.code": _code,
    "contact.added": _added,
    "contact.removed": _removed,
    "register.code": _code,
    "register.known": _known,
    "reset.link": _reset,
    "unlock.link": _unlock,
    "reset.asked": _asked,
    "unlock.asked": _asked,
    "reset.started": _started,
    "credential-changed": _changed,
    "sign-in-elsewhere": _elsewhere,
    "sign-in-after-failures": _after_failures,
    "sign-in-half-done": _half_done,
    "account.suspended": _suspended,
    "account.enabled": _enabled,
    "roles.handed_over": _handed_over,
}
