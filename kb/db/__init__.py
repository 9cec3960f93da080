"""The database: engines, sessions, migrations."""
