"""What a training leaves: the run with its history, plan and findings, saved, loaded and asked for predictions.

``run``             ``Run``: parameters, network, settings, history, plan, and how its inputs were made
``history``         costs and scores update by update; ``moments`` and ``log_files`` show them epoch by epoch
``plan``            how it was computed, expected beside actual
``diagnosis``       findings: what went wrong, its likely cause, a remedy; the evidence is in ``forward_statistics``
``settings_rules``  which hyperparameters fit together; ``argument_checks`` checks X, Y, weights and parameters
``run_files``       a folder (``model.safetensors``, ``run.json``) or one file, written aside and renamed (``writing``):
                    it is there whole or not at all; ``loading`` reads and checks it
``new_examples``    new tables, photographs and arrays become X as the training examples did; ``predictions`` answers
``summary``         a run in sentences; ``how_to_repeat`` as a command and as Python
``exports/``        models that need no layerlab: ONNX, and NumPy source, compared with layerlab's own answers first
"""
