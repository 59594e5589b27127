"""Sources that people's data is collected from: databases, APIs, public pages, partners that push."""
