"""Scoring at scale: many documents in, a table out."""
