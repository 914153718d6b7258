//! What every server shares: configuration, secret files, SQLite, clock, limits, error bodies, metrics, health, shutdown.
