"""The key hierarchy: suites, wrapping, epochs, destruction."""
