"""Reports: a run or a search on one page of HTML, and which pictures belong to a run, a sweep and a search.

``report`` writes the page of a run. ``reported_run`` computes its facts once, ``sections`` puts them in order, and the
files beside it write one kind of section each. ``page`` has the elements of HTML, which escape every text.
``search_page`` writes the page of a search from the facts that its folder keeps. ``pictures/`` chooses among the
pictures of ``plots``.
"""
