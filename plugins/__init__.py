"""Regions, devices and connectors: what differs from place to place or maker to maker, each in a folder."""
