"""What a reader sees of a signature, and where on the page it stands."""
