"""What runs at a branch or a partner: reads an address book there, and lets only planned features leave, sealed."""
