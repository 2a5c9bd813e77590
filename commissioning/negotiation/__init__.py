"""Options side by side, and what the parties say of them: all that a negotiation asks of one year's figures."""
