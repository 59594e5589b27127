"""Back up, and restore so that nobody comes back."""
