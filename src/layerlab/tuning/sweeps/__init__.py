"""Several settings trained at once as one population."""
