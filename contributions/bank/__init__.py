"""Bank statements read, and matched to what was expected and to what is in the books. Pure: values in and out."""
