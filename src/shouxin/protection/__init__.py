"""What leaves is changed on its way out: masking, pseudonyms, tokens, watermarks, fingerprints."""
