"""Prove an erasure: the certificate, what is attested beside it, what software cannot shred."""
