"""Models that run without layerlab: an ONNX file, or NumPy source. Each is checked before it is saved."""
