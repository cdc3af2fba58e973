"""What the journeys share: the program seen from outside, and a little bank to give it."""
