"""The parts of the `dolbom` command, one subject a file; modules add theirs in a `cli.py` with `commands`."""
