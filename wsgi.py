"""The application for a WSGI server: `gunicorn --config core/web/gunicorn.py wsgi:app`."""

from __future__ import annotations

from core.app import create_app
from core.commands.session import bring_up_to_date
from core.config import load_settings
from core.db.servers import attach

settings = load_settings()
#: Held as long as the process lives: the servers stay up for it.
attached = attach(settings)
app = create_app(settings, servers=attached.servers)
with app.app_context():
    bring_up_to_date()
