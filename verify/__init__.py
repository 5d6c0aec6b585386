"""The public side: published files in, verdicts out.

It holds no private key and no database of the register.  What it shows has had its signature
checked, and stands in the log under the root of a signed snapshot.
"""
