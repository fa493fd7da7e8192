"""Files with more rows than fit in memory: read in blocks, shuffled in buffers, and learned from by a sample."""
