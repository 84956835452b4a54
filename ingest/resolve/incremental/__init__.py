"""Resolution of organisations from what the last run knew: only what changed is compared anew."""
