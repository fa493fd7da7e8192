"""A run: the generator of updates, its readers, what it leaves behind, and what went wrong in words."""
