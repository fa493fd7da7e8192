"""The result of a training: a run with its history, plan and findings; saving, loading and predicting.

``run``             ``Run``: parameters, network, settings, history, plan, and how its inputs were made
``history``         costs and scores for each update; ``moments`` and ``log_files`` give them for each epoch
``events``          what a person changed while it was trained with a ``Stepper``
``plan``            how it was computed, with expected and actual times
``diagnosis``       findings: what went wrong, its likely cause, a remedy; the evidence is in ``forward_statistics``
``settings_rules``  which hyperparameters fit together; ``argument_checks`` checks X, Y, weights and parameters
``run_files``       a folder (``model.safetensors``, ``run.json``) or one file, written aside and renamed (``writing``),
                    so it exists as a whole or not at all; ``loading`` reads and checks it
``new_examples``    makes X from new tables, photographs and arrays as from the training examples, for ``predictions``
``summary``         a run in sentences; ``how_to_repeat`` as a command and as Python
``exports/``        models that work without layerlab: ONNX, NumPy source; each is compared with layerlab first
"""
