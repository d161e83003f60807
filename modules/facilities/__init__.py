"""Every kind of childcare facility: who runs it, where it is, what it offers and how many children it may take."""
