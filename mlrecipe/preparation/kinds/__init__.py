"""How the columns of each kind become blocks: one module a kind, settings and fitting together."""
