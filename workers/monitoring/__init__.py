"""What monitoring consumers see: the relation tables and the dead letters, read and shown on a terminal."""
