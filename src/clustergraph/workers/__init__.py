"""Questions answered in processes of their own, which can be stopped: time, memory, queue, share.

`pool` is the way in; `question` has what goes in and what comes out. This module imports neither,
so that a worker loads nothing of the server's side.
"""
