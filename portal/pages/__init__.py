"""The pages, a module each; see :mod:`portal.rules`."""
