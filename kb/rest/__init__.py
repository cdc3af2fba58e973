"""The REST door: one file per room, and `routes`, its table of contents."""
