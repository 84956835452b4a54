"""Made-up records of organisations from five agencies, with the truth behind them."""
