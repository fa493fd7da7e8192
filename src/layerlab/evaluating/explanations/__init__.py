"""Which inputs a prediction comes from (attribution), and which the score depends on (permutation importance)."""
