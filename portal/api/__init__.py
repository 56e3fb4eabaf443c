"""What systems and scripts may ask, a module each; see :mod:`portal.rules`."""
