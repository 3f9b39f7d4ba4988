"""What this host can record, and what to do about the rest."""
