"""Notices that really arrive: templates, channels, receipts, and the reason when one did not."""
