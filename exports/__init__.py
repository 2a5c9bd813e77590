"""The statement as data and its faces (workbook, PDF, page), and the journal as text for other tools."""
