"""Profiles of a fleet, kept for weeks: rows just arrived, Parquet segments, and the questions asked of both. No ORM."""
