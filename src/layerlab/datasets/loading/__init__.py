"""The loaders of one's own data: tables, folders of images, arrays, files larger than memory."""
