"""One update taken apart, and said in words."""
