"""The deletion tool: an order from the wish to the read-back; ``approvals.order`` has its steps."""
