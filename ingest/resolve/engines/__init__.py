"""Other engines that block, compare and weigh organisations: Splink on DuckDB or on Spark."""
