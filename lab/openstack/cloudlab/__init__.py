"""A real OpenStack on loopback: what up, down, status, restart, quota and smoke are made of."""
