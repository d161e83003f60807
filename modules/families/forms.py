"""The forms of a family's own pages and of the counter."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectField, StringField, validators

from core.sdk import _
from modules.families import words

_OPTIONAL = validators.Optional()
_NEEDED = validators.DataRequired(_("Please fill this in."))
_DAY = _("Enter a day, e.g. 2026-03-02.")


def _day(label: Any, **more: Any) -> DateField:
    return DateField(label, validators=[_OPTIONAL], **more)


class GuardianForm(FlaskForm):
    """A guardian's name, relation and contacts."""

    name = StringField(_("Your name"), [_NEEDED], render_kw={"autocomplete": "name"})
    relation = SelectField(_("You are the child's"), choices=[], validators=[_NEEDED])
    phone = StringField(_("Telephone"), render_kw={"autocomplete": "tel", "inputmode": "tel"})
    email = StringField(_("E-mail"), render_kw={"autocomplete": "email", "inputmode": "email"})
    postal = StringField(_("Postal address"), render_kw={"autocomplete": "street-address"})

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.relation.choices = [(code, str(word)) for code, word in words.RELATIONS.items()]


class ChildForm(FlaskForm):
    """A child, born or not."""

    name = StringField(_("The child's name"), description=_("As in the papers. An unborn child may have none yet."))
    born_on = _day(_("Birthday"))
    expected_on = _day(_("Expected day"), description=_("Only for an unborn child."))
    multiple = BooleanField(_("Twins, triplets or more"))


class BirthForm(FlaskForm):
    """The birth of a child that was expected."""

    name = StringField(_("The child's name"), [_NEEDED], id="born-name")
    born_on = DateField(_("Birthday"), [validators.DataRequired(_DAY)], id="born-day")


class CollectorForm(FlaskForm):
    """A person who may collect."""

    name = StringField(_("Full name"), [_NEEDED], id="collector-name")
    phone = StringField(_("Telephone"), [_NEEDED], render_kw={"inputmode": "tel"})
    relation = StringField(_("Who the person is to the child"))


class LookForm(FlaskForm):
    """What a family tells at the counter so that its child is found."""

    name = StringField(_("The child's name"), [_NEEDED], id="look-name")
    born_on = DateField(_("Birthday"), [validators.DataRequired(_DAY)], id="look-born")
    phone_ending = StringField(
        _("Last four digits of the guardian's telephone"), [_NEEDED], render_kw={"inputmode": "numeric"}
    )


class DeskForm(ChildForm):
    """A family that is not registered yet, at the counter."""

    guardian = StringField(_("The guardian's name"), [_NEEDED])
    relation = SelectField(_("The guardian is the child's"), choices=[], validators=[_NEEDED])
    phone = StringField(_("Telephone"), render_kw={"inputmode": "tel"})
    email = StringField(_("E-mail"), render_kw={"inputmode": "email"})
    postal = StringField(_("Postal address"), description=_("For families without telephone and e-mail: letters go here."))
    language = SelectField(_("The family's language"), choices=[])

    def __init__(self, languages: dict[str, str], *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.relation.choices = [(code, str(word)) for code, word in words.RELATIONS.items()]
        self.language.choices = list(languages.items())
