"""Tables: read files and data frames, parse cells, infer the kinds of columns, check and split rows."""
