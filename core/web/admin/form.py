"""Forms of the back office: a token always, native date fields, and only the whitelisted columns."""

from __future__ import annotations

from typing import Any

from flask_admin.contrib.sqla.form import AdminModelConverter
from flask_admin.form import BaseForm
from flask_admin.model.form import converts
from flask_wtf import FlaskForm
from wtforms import fields


class SafeForm(FlaskForm, BaseForm):  # type: ignore[misc]  # neither library is typed
    """Flask-Admin's form with Flask-WTF's CSRF token."""

    def __init__(self, formdata: Any = None, obj: Any = None, prefix: str = "", **kw: Any) -> None:
        self._obj = obj
        super().__init__(formdata=formdata, obj=obj, prefix=prefix, **kw)


class Converter(AdminModelConverter):  # type: ignore[misc]
    """Plain browser fields where Flask-Admin would load jQuery widgets."""

    @converts("Date")
    def convert_date(self, field_args: dict[str, Any], **extra: Any) -> Any:
        """A date as `type=date`."""
        return fields.DateField(**field_args)

    @converts("DateTime")
    def convert_datetime(self, field_args: dict[str, Any], **extra: Any) -> Any:
        """An instant as `type=datetime-local`."""
        return fields.DateTimeLocalField(**field_args)

    @converts("Time")
    def convert_time(self, field_args: dict[str, Any], **extra: Any) -> Any:
        """A time of day as `type=time`."""
        return fields.TimeField(**field_args)
