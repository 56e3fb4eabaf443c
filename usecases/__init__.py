"""What a person or a service may do to a dossier. No Prefect, no Typer, no web."""
