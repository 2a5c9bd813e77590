"""The negotiation pack: options side by side as workbook, PDF and page, drawn from one model."""
