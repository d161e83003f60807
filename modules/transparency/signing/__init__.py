"""The signer: a process of its own with the key and its own memory of what it signed (integrity.md 1, point 8)."""
