"""Detection on a Spark cluster: needs the extra ``scale``."""
