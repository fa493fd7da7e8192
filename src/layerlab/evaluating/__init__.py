"""What a trained network is worth and what its answers come from: baseline, curves, importance, attribution."""
