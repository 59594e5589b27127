"""What the institution declares: cards and recipients adopted, their effect seen before, documents derived."""
