"""A learning rate with its reasons: range test, sharpness, edge of stability, recommendation."""
