"""Four eyes: what waits for a second person, who may decide it, and whether what was approved is what was done."""
