"""A run on one page of HTML: what was trained, what it is worth, what it gets wrong, and how to do it again."""
