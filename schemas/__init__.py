"""What a dossier, a document, a field, a reading and a verdict are. Imports no other room."""
