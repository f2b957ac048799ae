"""Throughput of one service against named peers, in interleaved rounds: `make bench`.

Three systems read the same feed from Apache Kafka and leave the same rows in PostgreSQL (fsync on) and the same records
on the output topic: the service itself; the handler that FastStream's documentation would have one write, one message
and one transaction each; and the raw limit, which fetches, parses, and writes rows that were worked out beforehand.
Machines differ and are shared, so the figures to look at are the ratios within one run.
"""
