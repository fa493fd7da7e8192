"""Right or not: the file is loaded and called, and ``verdict`` says whether it passes, with advice."""
