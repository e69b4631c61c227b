"""What attached hosts speak: JSON over HTTPS, a token of their own, protocol version 1."""
