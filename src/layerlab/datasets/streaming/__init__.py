"""Files with more rows than memory holds: read in blocks, shuffled through buffers, a sample of them learned from."""
