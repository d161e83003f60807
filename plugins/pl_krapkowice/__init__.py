"""Krapkowice's region pack: the communes of its county, kinds of facility, dated rules and demo data."""
