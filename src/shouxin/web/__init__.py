"""Two plain pages: the approver's inbox, and the person's page with a certificate that their own browser checks."""
