"""What the system costs, measured against named peers on real PostgreSQL and Apache Kafka: `make bench`.

Each benchmark is a module with `add_arguments` and `run`, which gives a `figures.Section`; `__main__` finds it by its
name. `rig.py` has the servers, `measure.py` times a process, `workload.py` takes the sample feed through the model.
Machines differ and are shared, so the figures to look at are the ratios within one run. docs/performance.md says what
each compares with what, and has the figures of the last full run.
"""
