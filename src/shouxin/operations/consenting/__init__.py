"""Notices served and choices recorded: who was told, what they said, who answers for a child."""
