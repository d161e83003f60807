"""The tree of places, what is switched on where, and the dated rules that hold there."""
