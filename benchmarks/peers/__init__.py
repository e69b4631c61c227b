"""RigGuide beside other load generators: the same server, the same load, in turns.

`make bench-peers`, or `python -m benchmarks.peers --rounds 5 --only mock,server,in-process,client`.
"""
