"""Health checks, Prometheus metrics and alarms; no stage of the pipeline imports this package."""
