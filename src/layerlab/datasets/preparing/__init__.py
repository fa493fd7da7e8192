"""What is done to each kind of column: learned from the training rows, written down, compared with new rows."""
