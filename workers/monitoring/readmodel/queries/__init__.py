"""What the API asks of the read model: each query a function of a connection, run in a thread of the database's."""
