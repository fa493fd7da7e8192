"""Many networks at once: sweeps over settings, the search for a learning rate, and the search among networks."""
