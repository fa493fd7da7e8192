"""Choosing hyperparameters: proposed in batches, trained as populations, chosen and reported on different data."""
