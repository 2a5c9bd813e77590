"""What an event does in the books, and what the books then say: no other room knows which account means what."""
