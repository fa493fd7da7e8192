"""Tables: from a file or a frame to columns with a kind each, and what is wrong with them in words."""
