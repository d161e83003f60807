"""Seoul's region pack: its 25 districts, kinds of facility, dated rules and demo data."""
