"""What people do and write."""
