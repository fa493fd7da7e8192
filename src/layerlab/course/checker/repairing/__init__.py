"""Locate by repair: the place of a function where a right value makes every result right (``locating``)."""
