"""Explicit gradients against numerical ones, and what wrong ones have in common with the right ones."""
