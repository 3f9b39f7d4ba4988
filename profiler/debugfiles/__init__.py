"""Debug files: taken in or fetched, read by a worker, and the names they give to stored profiles."""
