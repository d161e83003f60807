"""The database room: servers, models' base, sessions bound to a scope, migrations per module."""
