"""Search among networks: trials are proposed in batches, trained together, chosen and scored on different examples.

Read in this order: ``search`` (the whole), ``request`` and ``starting`` (its beginning), ``state`` (what all processes
see), ``proposals`` (what is tried), ``trials`` (how it is trained and scored), ``workers`` (by which processes),
``collecting``, ``model_selection`` and ``estimates`` (the choice), ``on_test_set`` and ``nested`` (how good it is),
``result``, ``worth`` and ``words`` (what is reported).

A search is a folder. A batch of candidates is a pure function of the seed, its number and the scores before it, and is
written down before it runs. A task is those of its candidates that share a program: whoever holds its lock (which ends
with the process) trains them as one population, whose members are candidate × seed × fold, the folds as weights of
the examples. Its outcome is one file, whole or not there. Halving happens inside a task, by the scores of its own
trials and of all earlier batches, so that no state leaves it. So a search gives the same trials whoever runs it,
however often it was killed.

The reference networks (the dataset's own) are candidates too: each is a task of its own, trained on the same folds
with the same seeds, as long as its own settings say (``trials.known_training``). The sampler learns nothing from them.

Three rules keep the estimates honest. Each block of held-out examples is scored at the moment that the other blocks
pick; halving is decided once with all blocks and once without each; trials are ranked without the block that they are
scored on. The test set is used once, at the end, and the folder remembers how often it was used.
"""
