"""Documents that the law asks for, derived from cards, law pack, items and recipients; nothing is typed twice."""
