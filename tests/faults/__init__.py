"""Faults: what stays true when a process dies, a disk fills, or someone tampers."""
