"""The processes that train a search's tasks, on this machine or on a dask cluster."""
