"""Records: dataset contract, lake of accepted rows, intake ledger, views."""
