"""What every room stands on: errors, the database, work, the journal, hashing, time."""
