"""Settings, the command line and the embedded services: where the rooms are opened and run."""
