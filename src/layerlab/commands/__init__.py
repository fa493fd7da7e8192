"""The command line: a file for each command, as ``layerlab --help`` lists them; ``main`` registers them.

``options`` declares the options, ``inputs`` finds the data and networks that they name, ``ranges`` reads lists of
values, and ``output`` has what every command does at its beginning and end.
"""
