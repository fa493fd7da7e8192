"""How each kind of column becomes inputs: learned from the training rows, written to JSON, compared with new rows."""
