"""Tables of articles and stories."""
