"""Pages, the back office, the open API and documents."""
