"""Where the collector keeps things: one typed function per SQL statement, by subject."""
