"""Search among networks: trials are proposed in batches, trained together, chosen and scored on different examples.

The files, in the order in which to read them:

``search``, ``request``, ``starting``    the whole search, and its beginning
``state``                                what all processes see
``proposals``, ``trials``, ``workers``   what is tried; how it is trained and scored; by which processes
``collecting``, ``model_selection``      the choice; its estimates are in ``estimates``
``on_test_set``, ``nested``              how good the choice is
``result``, ``worth``, ``words``         what is reported

A search is a folder. A batch of candidates depends only on the seed, its number and the earlier scores, and is written
down before it runs. Candidates of a batch that can share a compiled program form a task. A process takes the lock of a
task (the lock ends with the process) and trains its candidates as one population. The members of this population are
candidate × seed × fold; folds are weights of the examples. The outcome of a task is one file, which is complete or does
not exist. Halving happens inside a task and uses the scores of its own trials and of all earlier batches. So a search
gives the same trials whichever processes run it, and however often they are killed.

The reference networks (the dataset's own) are candidates too: each is a task of its own, trained on the same folds
with the same seeds, as long as its own settings say (``trials.known_training``). The sampler learns nothing from them.

Three rules keep the estimates honest. Each block of held-out examples is scored at the moment that the other blocks
pick. Halving is decided once with all blocks, and once without each of them. Trials are ranked without the block on
which they are scored. The test set is used once, at the end, and the folder remembers how often it was used.
"""
