"""The profile store's catalog in Django's database."""
