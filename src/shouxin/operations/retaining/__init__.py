"""How long what is kept may and must stay: judged for a person, scheduled for all, held by order."""
