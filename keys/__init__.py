"""The formats: what is signed, logged and published, byte for byte.

Everything here is pure: no clock, network, database or web.  Files are opened only in
`keys.vault`, where key files live.  The specification is `docs/formats.md`.
"""
