"""Tables, figures, path diagrams and documents; reads results, computes nothing statistical."""
