"""Language tools: stemming, phonetic keys, phrases, word tables, search terms."""
