"""Photographs and folders of them, as columns of pixels: read, brought to one size, varied from epoch to epoch."""
