"""The site: what a browser shows, on the family's own machine. No clinical logic lives here, only pages."""
