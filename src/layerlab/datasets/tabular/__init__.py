"""Tables: files and data frames read, cells parsed, kinds of columns inferred, rows checked and split."""
