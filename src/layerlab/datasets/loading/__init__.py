"""One loader for each kind of data: tables, images, arrays, streams, and whatever lies at a path."""
