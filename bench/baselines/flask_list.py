"""The floor of a web list: Flask, one SQL statement, 80 rows in a bare template; no sign-in, no rules, no frame.

Run by gunicorn as `bench.baselines.flask_list:make()`; BENCH_DATABASE is the address, the table is public.bench_list.
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from flask import Flask, render_template_string

ROWS = sa.text(
    "select id, name, code, kind, status, capacity, enrolled from public.bench_list order by name_sort, id limit 80"
)
PAGE = """<!doctype html><html lang="en"><title>List</title><table>
{% for row in rows %}<tr><td><a href="/{{ row.id }}">{{ row.name }}</a><td>{{ row.code }}<td>{{ row.kind }}<td>{{ row.status }}
<td>{{ row.capacity }}<td>{{ row.enrolled }}</tr>{% endfor %}
</table></html>"""


def make() -> Flask:
    """The application."""
    app = Flask("floor")
    engine = sa.create_engine(os.environ["BENCH_DATABASE"].replace("postgresql://", "postgresql+psycopg://"), pool_size=8)

    @app.get("/")
    def index() -> str:
        with engine.connect() as connection:
            return render_template_string(PAGE, rows=connection.execute(ROWS).all())

    return app
