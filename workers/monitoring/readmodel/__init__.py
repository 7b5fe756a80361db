"""The read model: what the relation topics hold, in an embedded database that can be queried and survives restarts.

schema.sql  the tables                  database   a file of them, opened, judged, read by threads
rows        messages into rows          summaries  what is kept of each dyad as a whole
changes     what changed, for listeners follower   from the broker into the database
queries/    what the API asks
"""
