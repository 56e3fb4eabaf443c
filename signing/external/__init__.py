"""What lies outside of the program and fails: files, secrets, services."""
