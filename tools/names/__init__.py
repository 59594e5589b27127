"""Train the model of names and places from text that is invented here: ``python -m tools.names.train``."""
