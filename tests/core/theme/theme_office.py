"""The harness's back office: a Flask-Admin view over a list in memory, shaped like core.web.admin's safe view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import theme_samples as samples
from flask import Flask, abort, flash, g, request
from flask_admin import Admin, AdminIndexView, expose
from flask_admin.actions import action
from flask_admin.form import BaseForm, rules
from flask_admin.model import BaseModelView
from flask_admin.model.filters import BaseFilter
from flask_admin.theme import Theme
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from theme_forms import choices
from wtforms import fields, validators

from core.web.theme import OFFICE_BASE, OFFICE_FOLDER


@dataclass
class Row:
    """A record of the list."""

    id: int
    name: str
    kind: str
    places: int

    def __str__(self) -> str:
        return self.name


class Form(FlaskForm, BaseForm):  # type: ignore[misc]
    """Flask-Admin's form with a token."""

    def __init__(self, formdata: Any = None, obj: Any = None, prefix: str = "", **kw: Any) -> None:
        self._obj = obj
        super().__init__(formdata=formdata, obj=obj, prefix=prefix, **kw)


class KindIs(BaseFilter):
    """A filter with a list of choices."""

    def apply(self, query: list[Row], value: str) -> list[Row]:
        return [row for row in query if row.kind == value]

    def operation(self) -> str:
        return "is"


class NameHas(KindIs):
    """A filter with free text."""

    def apply(self, query: list[Row], value: str) -> list[Row]:
        return [row for row in query if value in row.name]

    def operation(self) -> str:
        return "contains"


class Facilities(BaseModelView):  # type: ignore[misc]
    """List, details, create, edit, delete and a bulk act over rows in memory."""

    can_view_details = True
    simple_list_pager = True
    form_base_class = Form
    column_list = ("name", "kind", "places")
    column_sortable_list = ("name", "places")
    column_numbers = ("places",)
    column_filters = (
        NameHas("Name"),
        KindIs("Kind", options=[("HOME", "Home daycare"), ("PRIVATE", "Private daycare")]),
    )
    form_rules = (rules.Header("License"), rules.Field("name"), rules.FieldSet(("kind", "places"), "Size"))
    page_size = 4
    rows: list[Row]

    def named(self, record: Row) -> str:
        return record.name

    def __init__(self, rows: list[Row], **kw: Any) -> None:
        self.rows = rows
        super().__init__(Row, **kw)

    def scaffold_pk(self) -> str:
        return "id"

    def get_pk_value(self, model: Row) -> int:
        return model.id

    def scaffold_list_columns(self) -> list[str]:
        return list(self.column_list)

    def scaffold_sortable_columns(self) -> dict[str, str]:
        return {name: name for name in self.column_sortable_list}

    def init_search(self) -> bool:
        return True

    def scaffold_filters(self, name: Any) -> Any:
        return None

    def is_valid_filter(self, filter: Any) -> bool:  # noqa: A002  Flask-Admin's name
        return isinstance(filter, BaseFilter)

    def scaffold_form(self) -> type[Form]:
        class RowForm(Form):
            name = fields.StringField(
                "Name", [validators.InputRequired("Enter the name as it stands on the license.")]
            )
            kind = fields.SelectField("Kind", choices=choices(HOME="Home daycare", PRIVATE="Private daycare"))
            places = fields.IntegerField(
                "Places", [validators.NumberRange(1, 300, "Enter a number from 1 to 300.")]
            )

        return RowForm

    def get_list(
        self,
        page: int,
        sort_field: Any,
        sort_desc: bool,
        search: str | None,
        filters: Any,
        page_size: int | None = None,
    ) -> tuple[None, list[Row]]:
        rows = [row for row in self.rows if not search or search in row.name]
        for index, _name, value in filters or []:
            rows = self._filters[index].apply(rows, value)
        if sort_field:
            rows = sorted(rows, key=lambda row: getattr(row, sort_field), reverse=bool(sort_desc))
        at = int(request.args.get("at", 0))
        size = page_size or self.page_size
        url = {key: value for key, value in request.args.items() if key != "at"}
        self._template_args["pager"] = {
            "first": self.get_url(".index_view", **url) if at else None,
            "previous": self.get_url(".index_view", **url, at=max(at - size, 0)) if at else None,
            "next": self.get_url(".index_view", **url, at=at + size) if at + size < len(rows) else None,
            "estimate": 12400,
        }
        return None, rows[at : at + size]

    def get_one(self, id: Any) -> Row | None:  # noqa: A002  Flask-Admin's name
        return next((row for row in self.rows if str(row.id) == str(id)), None)

    def create_model(self, form: Any) -> Row:
        row = Row(len(self.rows) + 100, form.data["name"], form.data["kind"], form.data["places"])
        self.rows.append(row)
        return row

    def update_model(self, form: Any, model: Row) -> bool:
        form.populate_obj(model)
        return True

    def delete_model(self, model: Row) -> bool:
        self.rows.remove(model)
        return True

    @action("delete", "Delete")
    def action_delete(self, ids: list[str]) -> None:
        for key in ids:
            row = self.get_one(key)
            if row:
                self.delete_model(row)
        flash("Deleted.", "success")

    @action("pause", "Report a pause")
    def action_pause(self, ids: list[str]) -> None:
        flash(f"{len(ids)} paused", "success")

    @expose("/confirm/", methods=("POST",))
    def confirm_view(self) -> Any:
        name = request.form.get("action", "")
        labels = dict(self._actions)
        if name not in labels:
            abort(404)
        rows = [self.get_one(key) for key in request.form.getlist("rowid")]
        return self.render(
            "admin/model/confirm.html",
            action=name,
            action_label=labels[name],
            question=f"{labels[name]}?",
            grave=name == "delete",
            many=[("rowid", str(row.id)) for row in rows if row],
            sample=[str(row) for row in rows],
            consequence="This cannot be undone.",
            csrf=generate_csrf(),
            return_url=self.get_url(".index_view"),
        )


class Plain(Facilities):
    """The same without form rules, and nothing in it."""

    form_rules = None
    column_filters = None
    can_delete = False
    can_export = True
    export_types = ("csv",)

    def is_action_allowed(self, name: str) -> bool:
        return False


class Start(AdminIndexView):  # type: ignore[misc]
    """The start page with tiles and tasks."""

    @expose("/")
    def index(self) -> Any:
        tiles = [
            {
                "label": "Waiting applications",
                "value": 1284,
                "status": ("attention", "12 overdue"),
                "url": "/office/facilities/",
            }
        ]
        tasks = [
            {
                "label": "Confirm the capacity change",
                "place": samples.NAMES["ko"][0],
                "due": "2026-11-25",
                "url": "#",
            }
        ]
        full = request.args.get("full") == "1"
        return self.render("admin/index.html", tiles=tiles if full else None, tasks=tasks if full else None)


def install(app: Flask) -> None:
    """Mount the office on the harness."""
    site = Admin(
        app,
        name="Dolbom",
        index_view=Start(url="/office", endpoint="office"),
        theme=Theme(folder=OFFICE_FOLDER, base_template=OFFICE_BASE),
        csp_nonce_generator=lambda: g.csp_nonce,
    )
    names = [samples.HOSTILE, *samples.NAMES["ko"], *samples.NAMES["pl"]]
    rows = [Row(i, name, "HOME" if i % 2 else "PRIVATE", 20 + i * 137) for i, name in enumerate(names, 1)]
    site.add_view(Facilities(rows, name="Facilities", endpoint="facilities", url="/office/facilities"))
    site.add_view(Plain([], name="Registers", endpoint="registers", url="/office/registers"))
    site.add_view(Plain(list(rows), name="Archive", endpoint="archive", url="/office/archive"))
