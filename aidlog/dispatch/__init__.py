"""Waybills: loaded, on the road, received, lost, handed out."""
