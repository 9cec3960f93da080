"""Worker processes: forked from one that has imported what they need, fed over sockets.

`kb.executor` is their door; docs/decisions/0002-worker-processes.md says why they are ours.
"""
