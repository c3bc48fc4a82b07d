"""Language tools: words, phrases, names, vocabulary."""
