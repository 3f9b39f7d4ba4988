"""The REST API at /api/v1/. `profiler.api.urls` has its routes."""
