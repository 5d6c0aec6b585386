"""The database's shape, version by version; forward only.

A migration must leave the running release working: columns are added before they are used and
removed only after nothing reads them.
"""
