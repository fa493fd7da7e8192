"""What a search may try, and what it tries next."""
