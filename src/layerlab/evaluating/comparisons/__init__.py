"""``compare``: several networks on the same test set, with intervals and significance tests; the known recipes."""
