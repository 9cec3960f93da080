"""`kb serve` as a process of its own, spoken to over real sockets."""
