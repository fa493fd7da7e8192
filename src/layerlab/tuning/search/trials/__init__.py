"""The trials of a search: how they are trained together, scored on held-out examples, and kept on the disk."""
