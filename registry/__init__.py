"""The register: the only package that writes.  Acts change tables, sign and log in one transaction."""
