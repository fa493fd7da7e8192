"""Which inputs an answer comes from, and which inputs matter."""
