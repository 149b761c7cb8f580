"""Pages of planners and storekeepers: needs, plans, stock, pledges, waybills."""
