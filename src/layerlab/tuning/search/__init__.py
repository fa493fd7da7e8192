"""Search among networks: trials are proposed in batches, trained as populations, chosen and reported on different data.

Read in this order: ``search`` (the whole), ``request`` and ``starting`` (its beginning), ``state`` (what all processes
see), ``proposals`` (what is tried), ``trials`` (how it is trained and scored), ``workers`` (by which processes),
``collecting``, ``model_selection`` and ``estimates`` (the choice), ``final_test`` and ``nested`` (what it is worth),
``result`` and ``words`` (what is said of it).
"""
