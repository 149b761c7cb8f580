"""The sheets of the distribution workbook, one a file."""
