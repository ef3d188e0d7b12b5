"""Turns what lies in files, databases and on the web into frames of rows, chunk by chunk."""
