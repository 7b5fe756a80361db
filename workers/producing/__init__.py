"""What message producers use: a client, and a reader of JSON lines.

Kept empty of imports: the reader of lines is used where there is no broker.
"""
