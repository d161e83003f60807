"""The safe base of every back-office view: scoped rows, whitelisted fields, asked permissions, keyset pages.

A view names `permission` (e.g. `facilities.facility`); reading, creating, editing, deleting and each bulk act then ask
for `<permission>.<operation>` at the record's place. Writes go through the services a view names, if it names any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from flask import abort, flash, request
from flask_admin import expose
from flask_admin.contrib.sqla.filters import FilterEqual, FilterNotEqual
from sqlalchemy.exc import IntegrityError, ProgrammingError

from core.db.base import db
from core.errors import DolbomError
from core.security import access
from core.text import _
from core.web import keyset
from core.web.admin import shown
from core.web.admin.chosen import ChosenRecords, not_here
from core.web.admin.form import Converter, SafeForm
from core.web.admin.guarded import BadView, place_of
from core.web.theme.rows import plain

__all__ = ["SafeView", "expose"]

#: Pages of Flask-Admin and what switches them on; where it is off, it would lead to the list without a word.
_OFFERED = {
    "create_view": "can_create",
    "edit_view": "can_edit",
    "details_view": "can_view_details",
    "delete_view": "can_delete",
    "export": "can_export",
}


class SafeView(ChosenRecords):
    """List, details, create, edit and delete of one model."""

    form_base_class = SafeForm
    model_form_converter = Converter
    simple_list_pager = True
    can_export = False
    can_create = can_edit = can_delete = False
    can_view_details = True
    column_editable_list = None
    edit_modal = create_modal = details_modal = False
    column_display_pk = False
    page_size = 80
    can_set_page_size = False
    named_filter_urls = True
    column_type_formatters = column_type_formatters_detail = shown.FORMATTERS
    #: Right-aligned columns.
    column_numbers: tuple[str, ...] = ()
    #: Columns of codes → the word of each code, asked once a page: the list shows the words and filters by them.
    column_words: Mapping[str, Callable[[], Mapping[str, Any]]] = {}
    #: The list reads the columns it shows and no whole records: its formatters may use no other.
    rows_alone = False
    #: Column and direction of the list at first sight.
    order: tuple[str, bool] | None = None
    #: Services that write, called as creates(**form_data), updates(record, **form_data), deletes(record).
    creates: Callable[..., Any] | None = None
    updates: Callable[..., Any] | None = None
    deletes: Callable[..., Any] | None = None

    def __init__(self, model: Any, session: Any = None, **kw: Any) -> None:
        if (self.can_create or self.can_edit) and not self.form_columns:
            raise BadView(
                f"{type(self).__name__}: name form_columns; without them every column could be posted."
            )
        if not self.permission:
            raise BadView(
                f"{type(self).__name__}: name its permission, e.g. permission = 'facilities.facility'."
            )
        self.column_formatters: dict[str, Any] = {
            **dict.fromkeys(self.column_words, _worded), **self.column_formatters}  # fmt: skip
        super().__init__(model, db, **kw)
        # Only now: Flask-Admin asks for options at once, while there is no application yet.
        for one in self._filters or ():
            if one.column.key in self.column_words:
                one.options = lambda words=self.column_words[one.column.key]: list(words().items())

    def named(self, record: Any) -> str:
        """What a record is called where its row is not in sight: as its row begins."""
        return plain(self.get_list_value(None, record, self._list_columns[0][0]))

    def reader(self, field: str) -> Callable[[Any], Any]:
        """What the cells of a column show, as `get_list_value` would say it; what they share is asked once."""
        if field in self.column_words:
            words, code = self.column_words[field](), attrgetter(field)
            return lambda record: words.get(code(record), code(record))
        shaped = self.column_formatters.get(field)
        plain_one = self._column_choices_map.get(field) or shaped or "." in field
        if plain_one:
            return lambda record: self.get_list_value(None, record, field)
        ways, value_of = _Ways(self.column_type_formatters), attrgetter(field)

        def cell(record: Any) -> Any:
            value = value_of(record)
            way = ways[type(value)]
            return value if way is None else way(self, value, field)

        return cell

    def _handle_view(self, name: str, **kwargs: Any) -> Any:
        """As all pages; and what a view does not offer is not there."""
        refused = super()._handle_view(name, **kwargs)
        if refused is None and not getattr(self, _OFFERED.get(name, ""), True):
            abort(404)
        return refused

    # -- reading -------------------------------------------------------------------------------------------------

    def get_count_query(self) -> None:
        """Never count: the pager shows the planner's estimate."""
        return

    def get_list(self, page: Any, sort_column: Any, sort_desc: Any, search: Any, filters: Any, execute: bool = True,
                 page_size: int | None = None) -> tuple[None, list[Any]]:  # fmt: skip
        """One page by key; the marks of its neighbors go to the template."""
        query = self.get_query()
        if search and self._search_supported:
            query = self.search(query, search)
        if filters and self._filters:
            query = self._apply_filters(query, None, {}, {}, filters)[0]
        column, descending = self._order(sort_column, sort_desc)
        found = keyset.page(
            query.with_entities(*self._shown_columns(column)) if self.rows_alone else query,
            column,
            self._key(),
            descending=descending,
            size=page_size or self.page_size,
            mark=request.args.get("at"),
            searched=bool(search),
        )
        args = {key: value for key, value in request.args.items() if key != "at"}
        self._template_args["pager"] = {
            "first": self.get_url(".index_view", **args) if request.args.get("at") else None,
            "previous": self.get_url(".index_view", **args, at=found.previous) if found.previous else None,
            "next": self.get_url(".index_view", **args, at=found.next) if found.next else None,
            "estimate": self._about(query, found),
        }
        return None, found.rows

    def _shown_columns(self, sort: Any) -> list[Any]:
        shown_ones = [getattr(self.model, field) for field, _title in self._list_columns]
        return list(dict.fromkeys([self._key(), sort, *shown_ones]))

    @staticmethod
    def _about(query: Any, found: keyset.Page) -> int:
        if not found.next and not found.previous:
            return len(found.rows)
        return max(len(found.rows), keyset.estimate(query) if found.estimate is None else found.estimate)

    def scaffold_filters(self, name: Any) -> Any:
        """A column of codes is filtered by choosing a word of the reader's, any other as Flask-Admin does it."""
        if name not in self.column_words:
            return super().scaffold_filters(name)
        column, label = getattr(self.model, name), self.get_column_name(name)
        return [kind(column, label) for kind in (FilterEqual, FilterNotEqual)]

    def _order(self, sort_column: Any, sort_desc: Any) -> tuple[Any, bool]:
        if sort_column is not None and sort_column in self._sortable_columns:
            chosen = self._sortable_columns[sort_column]
            return (getattr(self.model, chosen) if isinstance(chosen, str) else chosen), bool(sort_desc)
        if self.order is not None:
            return getattr(self.model, self.order[0]), self.order[1]
        return self._key(), False

    def search(self, query: Any, text: str) -> Any:
        """Narrow a list by the search field; views with a search key of their own override this."""
        return self._apply_search(query, None, {}, {}, text)[0]

    # -- writing -------------------------------------------------------------------------------------------------

    def create_model(self, form: Any) -> Any:
        """Create through the view's service, or after asking; one clear message when refused."""
        return self._attempt(lambda: self._create(form))

    def _create(self, form: Any) -> Any:
        if self.creates is not None:
            record = type(self).creates(**_data(form))  # type: ignore[misc]
        else:
            record = self.model()
            form.populate_obj(record)
            access.require(f"{self.permission}.create", at=place_of(record))
            self.on_model_change(form, record, True)
            db.session.add(record)
        db.session.commit()
        return record

    def update_model(self, form: Any, model: Any) -> Any:
        """Change through the view's service, or after asking."""
        return self._attempt(lambda: self._update(form, model))

    def _update(self, form: Any, model: Any) -> bool:
        if self.updates is not None:
            type(self).updates(model, **_data(form))  # type: ignore[misc]
        else:
            access.require(f"{self.permission}.update", at=place_of(model))
            form.populate_obj(model)
            self.on_model_change(form, model, False)
        db.session.commit()
        return True

    def delete_model(self, model: Any) -> Any:
        """Delete through the view's service, or after asking."""
        return self._attempt(lambda: self._delete(model))

    def _delete(self, model: Any) -> bool:
        if self.deletes is not None:
            type(self).deletes(model)  # type: ignore[misc]
        else:
            access.require(f"{self.permission}.delete", at=place_of(model))
            self.on_model_delete(model)
            db.session.delete(model)
        db.session.commit()
        return True

    def _attempt(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except DolbomError as refused:
            db.session.rollback()
            if refused.http in (403, 404):
                raise
            flash(str(refused), "error")
        except IntegrityError as error:
            db.session.rollback()
            flash(
                _("This was not saved: it contradicts another record (%(what)s).", what=_constraint(error)),
                "error",
            )
        except ProgrammingError:
            db.session.rollback()  # the second wall; the first one should have said it better
            raise not_here() from None
        return False


class _Ways(dict[type[Any], Any]):
    """How values of a type are written: the first formatter whose type fits, looked for once for each type."""

    def __init__(self, formatters: Mapping[type[Any], Any]) -> None:
        super().__init__()
        self.formatters = formatters

    def __missing__(self, kind: type[Any]) -> Any:
        self[kind] = next((way for one, way in self.formatters.items() if issubclass(kind, one)), None)
        return self[kind]


def _worded(view: SafeView, _context: Any, record: Any, name: str) -> Any:
    code = getattr(record, name)
    return view.column_words[name]().get(code, code)


def _data(form: Any) -> dict[str, Any]:
    """The posted fields, without the token."""
    return {name: value for name, value in form.data.items() if name != "csrf_token"}


def _constraint(error: IntegrityError) -> str:
    diagnosis = getattr(error.orig, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or type(error.orig).__name__
