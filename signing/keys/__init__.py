"""Keys and certificates: where they are, what they rest on, and whether they may be used now."""
