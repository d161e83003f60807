"""The forms of the account pages: issuing an account, giving a post, ending it, handing it over."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, validators

from core.errors import DolbomError
from core.host.running import running
from core.security import account_services, roles
from core.security import scope as scopes
from core.security.reasons import NoReason
from core.text import _
from core.web import i18n
from core.web.office.asked import NoPlace
from core.web.shell import role_title

_REQUIRED = validators.DataRequired(_("Please fill this in."))
_SHORT = validators.Length(max=200, message=_("This is too long."))
_MAIL = validators.Regexp(r"[^@\s]+@[^@\s]+\.[^@\s]+", message=_("Write the address as name@office.example."))
_DAY = _("Write the day as 2026-03-02.")


class _Day(DateField):
    """A day whose error says how to write it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the posted day; an empty one is left to the validators."""
        try:
            super().process_formdata([text for text in valuelist if text.strip()])
        except ValueError:
            raise ValueError(_DAY) from None


def _reason() -> StringField:
    return StringField(
        _("Reason"), validators=[_REQUIRED, _SHORT], render_kw={"autocomplete": "off"},
        description=_("It is kept in the change history with your name."),
    )  # fmt: skip


def _place() -> StringField:
    return StringField(
        _("Place"), validators=[_REQUIRED, _SHORT], render_kw={"list": "places", "autocomplete": "off"},
        description=_("A region's code for officers, a centre's short code for its staff."),
    )  # fmt: skip


class PostForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A role at a place."""

    role = SelectField(_("Role"), validators=[_REQUIRED])
    place = _place()
    first_day = _Day(_("First day"), validators=[validators.Optional()], description=_("Left empty: today."))
    last_day = _Day(
        _("Last day"), validators=[validators.Optional()], description=_("Left empty: until it is ended.")
    )
    reason = _reason()

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.role.choices = [("", str(_("Choose a role"))), *givable()]


class IssueForm(PostForm):
    """A person's account with its first post."""

    last_day = None  # type: ignore[assignment]  # this is how WTForms takes a field away
    name = StringField(_("Name"), validators=[_REQUIRED, _SHORT], render_kw={"autocomplete": "off"})
    login = StringField(
        _("Account ID"), validators=[_REQUIRED, _SHORT], render_kw={"autocomplete": "off"},
        description=_("Small letters, digits, dots and dashes; it never changes and is never given to anybody else."),
    )  # fmt: skip
    email = StringField(
        _("E-mail"), validators=[validators.Optional(), _SHORT, _MAIL], render_kw={"autocomplete": "off"},
        description=_("The person's own at work, if there is one."),
    )  # fmt: skip
    language = SelectField(_("Language"))

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.language.choices = list(i18n.names(running().settings.languages).items())


class EndForm(FlaskForm):  # type: ignore[misc]
    """The end of a post."""

    last_day = _Day(
        _("Last day"), validators=[validators.Optional()], description=_("Left empty: it ends at once.")
    )
    reason = _reason()


class HandOverForm(FlaskForm):  # type: ignore[misc]
    """A post that goes to another person."""

    to = StringField(
        _("Account ID of who takes over"), validators=[_REQUIRED, _SHORT], render_kw={"autocomplete": "off"}
    )
    first_day = _Day(_("First day of the new person"), validators=[validators.DataRequired(_DAY)])
    reason = _reason()


#: Which field a refusal is about; what is not here is said above the form.
_FIELDS: dict[type[DolbomError], str] = {
    account_services.BadLogin: "login",
    account_services.LoginTaken: "login",
    account_services.BadDays: "last_day",
    account_services.PostTwice: "role",
    roles.UnknownRole: "role",
    roles.NotYours: "role",
    roles.WrongPlace: "place",
    NoPlace: "place",
    NoReason: "reason",
}


def say_beside(form: Any, refused: DolbomError) -> bool:
    """Put a refusal beside the field it is about; False when it is about none of this form."""
    field = getattr(form, _FIELDS.get(type(refused), ""), None)
    if field is None:
        return False
    field.errors = [*field.errors, str(refused)]
    return True


def written(field: StringField) -> str:
    """The text in a field without what stands around it."""
    return (field.data or "").strip()


def givable() -> list[tuple[str, str]]:
    """The roles the current post may give."""
    mine = roles.book.find(scopes.current().role)
    return [(role.name, role_title(role.name)) for role in roles.book if mine and role.narrower_than(mine)]
