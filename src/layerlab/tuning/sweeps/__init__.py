"""Sweeps: several settings trained at once as one population, and what their cost curves say."""
