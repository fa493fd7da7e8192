"""What is done to each kind of column: learned from the training rows, written to JSON, compared with new rows."""
