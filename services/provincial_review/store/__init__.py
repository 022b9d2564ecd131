"""Where provincial review keeps things: one typed function for each SQL statement."""
