"""What a trained network is worth and what its answers come from: a linear baseline, curves, importance, attribution."""
