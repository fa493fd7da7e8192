"""Several networks on the same test set, compared with intervals and tests."""
