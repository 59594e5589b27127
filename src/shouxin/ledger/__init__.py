"""The append-only Merkle log: entry, tree, tiles, checkpoint, proof, witness."""
