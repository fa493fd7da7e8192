"""Photographs and folders of them, as columns of pixels: read, brought to one size, varied from epoch to epoch."""

from layerlab.datasets.loading.images import load_images

from .photos import load_photos, pixels_to_columns

__all__ = ["load_images", "load_photos", "pixels_to_columns"]
