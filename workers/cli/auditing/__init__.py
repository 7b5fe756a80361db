"""The audit over more rows than memory holds.

spill        an ordered map on disk                    layout   what lies in it, under which keys
intake       from messages to what is spilled          units    the comparison of what belongs together
days         which days are audited                    doubts   which rows differ, from cut to cut
examination  these put together, without a broker      audit    the same over a broker: cuts and reading
report       how findings are printed                  metrics  how Prometheus learns of them
"""
