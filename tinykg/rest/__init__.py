"""The web server: FastAPI on the registry, the directory and the SPARQL endpoint."""
