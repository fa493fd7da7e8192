"""Many models at once: populations trained as one, and what their curves say."""
