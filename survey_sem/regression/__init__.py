"""Models of observed variables: a formula in, a tidy result out."""
