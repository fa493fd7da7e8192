"""Photographs and folders of them, as columns of pixels: read, resized, and varied from epoch to epoch."""
