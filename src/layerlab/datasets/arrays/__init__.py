"""Arrays in files (.npy, .npz, HDF5, MATLAB): listed before they are read, chosen by name, turned, and labels read."""
