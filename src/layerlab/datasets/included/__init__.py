"""The datasets that come with layerlab."""
