"""How fast personal information is found, and how fast others find it in the same text."""
