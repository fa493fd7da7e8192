"""Models that leave layerlab: as an ONNX file, or written out as NumPy source; each checked before it is kept."""
