"""A test client whose every request has a context of its own, as in a server."""

from __future__ import annotations

from contextvars import Context

import people


class Browser:
    """A test client whose every request has a context of its own, as in a server."""

    def __init__(self, app):
        self.app, self.client = app, app.test_client()

    def open(self, *args, **facts):
        return Context().run(self.client.open, *args, **facts)

    def get(self, *args, **facts):
        return self.open(*args, method="GET", buffered=True, **facts)  # lets go of files it was given

    def post(self, *args, **facts):
        return self.open(*args, method="POST", **facts)

    def enter(self, login, password=people.PASSWORD, **more):
        return self.post("/login", data={"username": login, "password": password, **more})

    @property
    def session(self):
        with self.client.session_transaction() as session:
            return dict(session)

    @property
    def cookie(self):
        found = self.client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        return found.value if found else None

    def bring(self, cookie):
        """Carry a cookie from elsewhere."""
        self.client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], cookie)
