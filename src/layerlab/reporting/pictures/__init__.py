"""Which pictures belong to a run, a comparison, an explanation, a sweep and a search."""
