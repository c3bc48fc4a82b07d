"""How is the bot? Health and metrics by HTTP for whoever watches over it; no stage knows them."""
