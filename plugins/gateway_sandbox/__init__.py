"""A gateway that behaves like a real one and reaches nobody."""
