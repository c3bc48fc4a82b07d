"""What all queues share: attempts are counted, and a poison row becomes a dead letter."""
