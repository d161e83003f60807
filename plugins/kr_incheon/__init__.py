"""Incheon's region pack: its ten districts, kinds of facility, dated rules and demo data."""
