"""What people may ask of a lender about their own data, how far it came, and what they are handed."""
