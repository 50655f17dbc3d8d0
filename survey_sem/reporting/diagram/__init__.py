"""Path diagrams of fitted models as self-made SVG: layout, routing and drawing without outside programs."""
