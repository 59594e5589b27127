"""A lender with invented people, to try the whole product on one laptop."""
