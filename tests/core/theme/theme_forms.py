"""Forms of the harness: one with every kind of field the theme draws."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import fields, validators, widgets
from wtforms.fields.choices import SelectChoice


def choices(**words: str) -> list[SelectChoice]:
    """Choices of a select, radio or checkbox field."""
    return [SelectChoice(key, word) for key, word in words.items()]


class ApplicationForm(FlaskForm):  # type: ignore[misc]
    """Every kind of field, some required."""

    name = fields.StringField(
        "Name of the facility", [validators.InputRequired("Enter the name as it stands on the license.")]
    )
    email = fields.EmailField("E-mail address", description="We write only about this application.")
    places = fields.IntegerField("Places", [validators.NumberRange(1, 300, "Enter a number from 1 to 300.")])
    opens = fields.DateField("Opens on", [validators.InputRequired("Choose the day of opening.")])
    kind = fields.SelectField("Kind", choices=choices(HOME="Home daycare", PRIVATE="Private daycare"))
    services = fields.SelectMultipleField(
        "Services",
        choices=choices(night="Night care", holiday="Holiday care"),
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    sector = fields.RadioField(
        "Who runs it",
        [validators.InputRequired("Choose one.")],
        choices=choices(public="Public", private="Private"),
    )
    remark = fields.TextAreaField("Remark")
    plan = fields.FileField("Floor plan")
    consent = fields.BooleanField(
        "I agree that my address is stored",
        [validators.InputRequired("Without consent the application cannot be stored.")],
    )
    secret = fields.HiddenField(default="h")
