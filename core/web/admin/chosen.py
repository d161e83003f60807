"""Records by posted ids, one's own only; bulk acts, offered to those who may and asked about first."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, request
from flask_admin import expose
from flask_admin.actions import action
from flask_admin.contrib.sqla import ModelView
from flask_wtf.csrf import generate_csrf

from core.errors import NotFound, Refusal
from core.text import _
from core.web.admin.guarded import Guarded


class NothingChosen(Refusal):
    """A bulk act was asked for without a record."""

    code: ClassVar[str] = "admin.nothing-chosen"


def not_here() -> NotFound:
    """What is said of a record that is not in the scope, whether it exists or not."""
    return NotFound(_("There is no such record here. It may belong to another place: switch your post or search again."))


class ChosenRecords(Guarded, ModelView):  # type: ignore[misc]
    """Records by the ids that were posted, and what may be done with several; part of `SafeView`."""

    def get_one(self, id: Any) -> Any:  # noqa: A002  Flask-Admin's name
        """One record inside the scope; anything else is 404, as if it were not there."""
        record = self.get_query().filter(self._key() == self._cast(id)).one_or_none()
        if record is None:
            raise not_here()
        return record

    def _key(self) -> Any:
        return getattr(self.model, self._primary_key)

    def _cast(self, value: Any) -> Any:
        kind = self._key().type.python_type
        try:
            cast = kind(value)
        except (TypeError, ValueError):
            abort(404)
        if kind is int and not -(2**63) <= cast < 2**63:
            abort(404)
        return cast

    def chosen(self, ids: list[str]) -> list[Any]:
        """The records behind posted ids: all of them must be inside the scope, else 404 and nothing happens."""
        keys = {self._cast(one) for one in ids}
        if not keys:
            raise NothingChosen(_("Choose at least one record of the list first."))
        records = self.get_query().filter(self._key().in_(keys)).all()
        if len(records) != len(keys):
            raise NotFound(
                _("Some of the chosen records are not here any more. Load the list again and choose anew.")
            )
        return list(records)

    def is_action_allowed(self, name: str) -> bool:
        """A bulk act shows only to those who may do it."""
        return (self.can_delete if name == "delete" else True) and self.may(name)

    @action("delete", _("Delete"))
    def action_delete(self, ids: list[str]) -> None:
        """Delete the chosen records of this scope; foreign and made-up ids have no effect and make the request 404."""
        for record in self.chosen(ids):
            if not self.delete_model(record):
                return
        flash(_("%(count)s deleted.", count=len(ids)), "success")

    def handle_action(self, return_view: str | None = None) -> Any:
        """Do the bulk act that was asked for."""
        self._asked_for()
        return super().handle_action(return_view)

    def _asked_for(self) -> str:
        """The act that was posted; one this view does not offer to this person is not there."""
        name = request.form.get("action", "")
        if name not in self._actions_data or not self.is_action_allowed(name):
            abort(404)
        return name

    @expose("/confirm/", methods=("POST",))
    def confirm_view(self) -> Any:
        """Ask before a bulk act: how many, which ones, and what follows."""
        name = self._asked_for()
        ids = request.form.getlist("rowid")
        records = self.chosen(ids)
        _handler, text, question = self._actions_data[name]
        return self.render(
            "admin/model/confirm.html", action=name, action_label=text,
            question=question or _("%(act)s: %(count)s records?", act=text, count=len(records)),
            many=[("rowid", one) for one in ids], sample=[str(record) for record in records[:5]],
            consequence=self.consequence(name), grave=name == "delete", csrf=generate_csrf(),
            return_url=request.form.get("url") or self.get_url(".index_view"),
        )  # fmt: skip

    def consequence(self, name: str) -> Any:
        """What a bulk act leads to, in words, for the confirmation page."""
        return _("Every change is kept in the history with your name.")
