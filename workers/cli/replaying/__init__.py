"""What `dyads replay` does: begin a generation, follow it, compare it, switch to it, retire it."""
