"""The other reports of the year, one file each: what they show, from an issued statement and the books it rests on.

`catalogue` lists them, `faces` writes them as PDF, workbook, CSV and metadata. Nothing here reads a database.
"""
