"""The log and the stores held against each other, published, and shown to who watches."""
