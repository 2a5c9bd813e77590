"""What is suggested for a bank's lines, in words and as rows to be edited."""
