"""Arrays in files: NumPy, HDF5 and MATLAB, what they hold, and how they become examples."""
