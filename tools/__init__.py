"""What makes files that the product ships: run by hand, never by the product."""
