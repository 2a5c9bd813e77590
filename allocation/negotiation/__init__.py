"""Ways to divide a pot or a cost, side by side, with what each does to whom: for partners who have yet to agree."""
