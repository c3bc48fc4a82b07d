"""New articles to stories and deliveries: analysis, clustering, related links, the worker."""
