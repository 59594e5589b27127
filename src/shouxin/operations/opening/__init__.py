"""The ways through the one door: looked up, permitted, disclosed, relayed; and how a grant comes about."""
