"""The audit over more rows than memory holds.

spill    an ordered map on disk                       layout   what lies in it, under which keys
intake   from messages to what is spilled             units    the comparison of what belongs together
doubts   which rows differ, from cut to cut           audit    cut after cut, these put together
report   how findings are printed                     metrics  how Prometheus learns of them
"""
