"""The coder's name and version, apart from the coder, whose models take a while to load."""

CODER = "dyads-ru/0.3.0"
"""Any change of what it codes is a new version, and a new generation of the tables (`dyads replay`)."""
