"""What people type: times, durations, choices and commands in three languages."""
