"""Drivers behind the ports: SQL, object stores, root keys, jobs."""
