"""How fast the system is, beside its peers: what `make bench` runs, and what `docs/performance.md` is written from.

`contestant` is a process that is measured, `measure` lets several of them take turns and says medians and spread,
`report` is what a bench comes to, kept as JSON in docs/performance/; `table`, `chart` and `page` write it for people,
`machine` says what it ran on. A bench is a module with `NAME` and `run(options) -> Report`, listed in `BENCHES` of
bench/run.py.
"""
