"""Examples that come in blocks: more than memory holds, or made anew for each epoch."""
