"""What partners owe and have paid: contribution lines, instalments falling due, receipts, what is outstanding."""
