"""Message texts, entities and keyboards."""
