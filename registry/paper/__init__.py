"""What goes on paper: QR symbols that were read back, and the plates that carry them."""
