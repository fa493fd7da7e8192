"""Which inputs one answer comes from (attribution), and which the score depends on (permutation importance)."""
