"""The schema, revision by revision. Run by `storage.database`, never by itself."""
