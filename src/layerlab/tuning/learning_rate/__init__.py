"""Find a learning rate, with reasons: range test, sharpness of the cost, edge of stability, recommendation."""
