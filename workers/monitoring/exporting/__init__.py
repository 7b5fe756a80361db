"""The tables to take away: as files for notebooks, and in the columns of GDELT and POLECAT for their tools."""
