"""From the sampling program's records to profiles."""
