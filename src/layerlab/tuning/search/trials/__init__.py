"""How the trials of a search are trained and scored."""
