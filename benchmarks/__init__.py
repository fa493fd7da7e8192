"""layerlab measured side by side with its peers: ``python -m benchmarks`` from the root of the repository.

Read in this order: ``row`` and ``rows`` (what is measured), ``material`` (on what), ``with_layerlab`` and the peers
beside it (the code that is timed), ``worker`` (the process in which it runs), ``turns`` (who goes when), ``figures``
(what follows), ``report`` (what is printed). ``machine`` and ``ceiling`` say what the machine can do at most;
``cold_fit`` is the one row of whole processes.

How good the networks are is measured apart. ``python -m benchmarks.tables_accuracy`` compares them with others on
forty tables: ``tables_list`` reads the tables, ``tables_contenders`` says who is compared, ``tables_layerlab`` asks
layerlab's default, ``tables_scores`` measures, ``tables_report`` writes the page. ``python -m
benchmarks.fifteen_tables`` does what a user does: the command line on files.
"""
