"""The register's commands: each parses, calls one function, prints; exit code 1 on any fault."""
