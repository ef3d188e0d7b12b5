"""How two sets of rows differ: training and production, sample and population, then and now."""
