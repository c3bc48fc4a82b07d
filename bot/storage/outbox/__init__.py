"""Tables of deliveries, notices and broadcasts."""
