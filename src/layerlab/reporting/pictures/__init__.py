"""Which pictures belong to a run, a sweep and a search."""
