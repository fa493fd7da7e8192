"""The command line: one file a command, as ``layerlab --help`` lists them."""
