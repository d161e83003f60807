"""The host: finds modules, orders them, switches them, checks them."""
