"""Train many networks together: sweeps over settings, the search for a learning rate, and the search for a network."""
