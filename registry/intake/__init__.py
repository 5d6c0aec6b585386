"""From an agency's file to applications or named faults, and into the register in blocks."""
