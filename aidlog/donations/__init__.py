"""Appeals, pledges and the goods that made them good."""
