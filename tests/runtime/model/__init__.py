"""A model of the design: tasks, transactions, zombies, stores and topics, a step at a time.

Everything that can happen between two effects on the world (a send, a commit, a write to a store, an ack) happens
here by choice instead of by luck: a crash, a pause from which a worker returns as a zombie, a partition that changes
hands, a transaction that times out, compaction, messages that the stream loses or brings twice.

 - `broker`: topics, transactions, fencing, compaction.
 - `holder`: the write path of `workers/runtime/task.py` and `lane.py`, step by step; `guarded`: the one without
   transactions.
 - `world`: workers, who holds which partition, and what may happen.
 - `checks`: what must hold, at every step and in the end.
 - `news`: random histories of articles, revisions and withdrawals.
 - `schedule`: random courses of events, and every single place for one fault.
 - `design`: the ways to break it on purpose.

What is folded, judged and published is the project's own code (the three agents, `Overlay`, the task's fold); only what
waits for a broker is told anew, and `test_mirror.py` holds the two tellings together.
"""
