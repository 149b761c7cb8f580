"""Papers and workbooks made from what the slices know."""
