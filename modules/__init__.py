"""The business nouns of childcare: one folder a noun, none knowing a region or a device."""
