"""What people ask about their own data: received, identified, done or refused with reasons, and recorded."""
