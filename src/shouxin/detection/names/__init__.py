"""Names and addresses in Chinese text: where they may stand, how a small model weighs them, and how they are told.

gazetteer.py    surnames, divisions of China, countries and cities abroad
characters.py   bytes as arrays of characters, each with its place
candidates.py   spans that may be a name or a place
features.py     what the model looks at, as places in its tables
model.py        the tables, read from model.npz; what a span scores
rules.py        labels, handles and foreign names, where a rule is plainly better
address.py      places in a row and the numbers of house and room: one address
finder.py       all of it, as an engine for ``scan``
"""
