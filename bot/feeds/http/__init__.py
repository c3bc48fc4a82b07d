"""HTTP client for feeds and pages: limits, redirects, SSRF guard."""
