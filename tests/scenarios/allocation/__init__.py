"""The inspectors' examples that touch allocation: a table, a history for each, and what the system notices in it."""
