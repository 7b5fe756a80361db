"""Alerts: rules in a file, and what the tables come to under them. Rules and judgement are pure.

rules    what can be asked, read from TOML and checked       judge   which alerts a dyad's rows make
publisher  follows the tables and keeps relations.alerts equal to what the rules make of them

An alert rests on rows and days alone, never on the clock or on when it was looked: whoever has the same rows finds the
same alerts under the same ids, and what comes later changes none of a day before it. docs/adr/0025-alerts.md says why.
"""
