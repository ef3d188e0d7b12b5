"""What the rows are like: what the checks and the data report need to know of them."""
