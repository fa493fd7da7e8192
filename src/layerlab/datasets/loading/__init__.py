"""The loaders of your own data: tables, folders of images, arrays, files larger than memory."""
