"""The questions TinyKG asks, one `.rq` file each; they run unchanged in any SPARQL 1.1 tool."""
