"""How a wrong value differs from the right one: ``relations`` states it, ``recomputing`` computes what was stated."""
