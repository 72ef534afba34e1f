"""Search (Recommendation, 7.3.4: the Search API), above all with SPARQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from check_http import problem
from check_registry import checks
from directory_client import media_type, new_id
from federated_stub import ANSWERED, federated_endpoint
from verdicts import NotOffered, need

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from directory_client import DirectoryClient

TD_TITLE = "https://www.w3.org/2019/wot/td#title"
WHERE_TITLE = (
    "{{ {{ ?thing <{p}> ?found }} UNION {{ GRAPH ?g {{ ?thing <{p}> ?found }} }} "
    "BIND(STR(?found) AS ?title) FILTER(?title = '{t}') }}"
)
"""Finds the title of a TD whether the directory's default graph has all TDs or none."""
FORBIDDEN = (
    "INSERT DATA { <http://example.org/s> <http://example.org/p> 'put in by a search' }",
    "DELETE WHERE { ?s ?p ?o }",
    "DELETE { ?s ?p ?o } INSERT { ?s ?p 'x' } WHERE { ?s ?p ?o }",
    "CLEAR ALL",
    "DROP ALL",
    "CREATE GRAPH <http://example.org/g>",
    "LOAD <http://127.0.0.1:9/data>",
    "SELECT * { ?s ?p ?o",
    "PAINT ?s",
    "",
)


def titled(directory: DirectoryClient) -> tuple[str, str]:
    """The title of a new TD, and the pattern that finds it."""
    title = f"sought {new_id()}"
    directory.created(title=title)
    return title, WHERE_TITLE.format(p=TD_TITLE, t=title)


def asked(directory: DirectoryClient, query: str, *, accept: str | None = None) -> httpx.Response:
    """The answer to a query by GET; NotOffered where there is no search by SPARQL."""
    answer = directory.get("/search/sparql", accept, query=query)
    if answer.status_code in (404, 501):
        raise NotOffered(f"GET /search/sparql: {answer.status_code}")
    return answer


def posted(directory: DirectoryClient, query: str) -> Iterator[tuple[str, httpx.Response]]:
    """Answers to the two ways of POST that the SPARQL protocol has, by their media type."""
    direct = {"content-type": "application/sparql-query"}
    yield (
        direct["content-type"],
        directory.send("POST", "/search/sparql", content=query.encode(), headers=direct),
    )
    yield "a form", directory.send("POST", "/search/sparql", data={"query": query})


def rows(answer: httpx.Response, what: str) -> list[dict[str, Any]]:
    """The solutions in a body of the SPARQL 1.1 Query Results JSON Format."""
    need(answer.status_code == 200, f"{what}: {answer.status_code} {answer.text[:200]}")
    body = answer.json()
    need(isinstance(body["head"]["vars"], list), f"{what}: the head has no vars")
    found: list[dict[str, Any]] = body["results"]["bindings"]
    return found


@checks("tdd-search-sparql")
def there_is_search_by_sparql(directory: DirectoryClient) -> None:
    title, pattern = titled(directory)
    found = rows(asked(directory, f"SELECT DISTINCT ?title {pattern}"), "SELECT")
    need([row["title"]["value"] for row in found] == [title], f"it finds {found}")


@checks("tdd-search-large-tdds")
def some_search_is_offered(directory: DirectoryClient) -> str:
    title, pattern = titled(directory)
    offered = []
    for path, query in (
        ("/search/jsonpath", f'$[?@.title=="{title}"]'),
        ("/search/xpath", f"*[title='{title}']"),
    ):
        answer = directory.get(path, query=query)
        if answer.status_code not in (404, 405, 501):
            found = answer.json()
            need(answer.status_code == 200, f"{path}: {answer.status_code}")
            need([td["title"] for td in found] == [title], f"{path} finds {len(found)} TDs")
            need(media_type(answer) == "application/json", f"{path} is {media_type(answer)}")
            problem(directory.get(path, query="$$$["), f"{path}: a query that is none")
            offered.append(path)
    answer = directory.get("/search/sparql", query=f"SELECT DISTINCT ?title {pattern}")
    if answer.status_code == 200:
        need(len(rows(answer, "SPARQL")) == 1, "SPARQL finds another number of TDs than one")
        offered.append("/search/sparql")
    need(offered, "there is no search")
    return ", ".join(offered)


@checks("tdd-search-sparql-version")
def sparql_is_1_1(directory: DirectoryClient) -> None:
    title, pattern = titled(directory)
    path = f"?s (<{TD_TITLE}>|!<{TD_TITLE}>)? ?o"
    digest = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    inner = f"{{ SELECT DISTINCT ?title {pattern} }}"
    for what, query, expected in (
        ("aggregate", f"SELECT (COUNT(DISTINCT ?thing) AS ?n) {pattern}", "1"),
        ("subquery, BIND", f"SELECT ?n {{ {inner} BIND(?title AS ?n) }}", title),
        ("VALUES", "SELECT ?n { VALUES ?n { 'a' 'b' } FILTER(?n = 'b') } ORDER BY ?n", "b"),
        ("negation", "SELECT ?n { VALUES ?n { 1 2 } MINUS { VALUES ?n { 2 } } }", "1"),
        ("EXISTS", f"SELECT ?n {{ BIND('yes' AS ?n) FILTER EXISTS {pattern} }}", "yes"),
        ("functions", "SELECT (SHA256('a') AS ?n) {}", digest),
        ("property path", f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ {path} FILTER(false) }}", "0"),
    ):
        found = rows(asked(directory, query), what)
        need([row["n"]["value"] for row in found] == [expected], f"{what}: {found}")


@checks("tdd-search-sparql-method-get")
def get_searches(directory: DirectoryClient) -> None:
    title, pattern = titled(directory)
    query = f"SELECT DISTINCT ?title ?odd {pattern[:-1]} BIND('ü+ &%25' AS ?odd) }}"
    found = rows(asked(directory, query), "GET")
    need([row["title"]["value"] for row in found] == [title], f"it finds {found}")
    need(found[0]["odd"]["value"] == "ü+ &%25", f"a literal comes back as {found[0]['odd']}")
    need(directory.get("/search/sparql").status_code == 400, "GET without query is not 400")


@checks("tdd-search-sparql-method-post")
def post_searches(directory: DirectoryClient) -> str:
    title, pattern = titled(directory)
    answers = list(posted(directory, f"SELECT DISTINCT ?title {pattern}"))
    if all(answer.status_code in (404, 405, 501) for _, answer in answers):
        raise NotOffered(f"POST /search/sparql: {answers[0][1].status_code}")
    works = []
    for what, answer in answers:
        if answer.status_code != 415:
            found = rows(answer, f"POST of {what}")
            need([row["title"]["value"] for row in found] == [title], f"POST of {what}: {found}")
            works.append(what)
    need(works, "each kind of POST is 415")
    return ", ".join(works)


@checks("tdd-search-sparql-resp-select-ask")
def select_and_ask_are_json(directory: DirectoryClient) -> None:
    _, pattern = titled(directory)
    for query in (f"SELECT * {pattern}", f"ASK {pattern}", "ASK { FILTER(false) }"):
        for accept in (None, "*/*"):
            answer = asked(directory, query, accept=accept)
            need(answer.status_code == 200, f"{query[:6]}: {answer.status_code}")
            need(media_type(answer) == "application/json", f"{query[:6]}: {answer.headers['content-type']}")
            body = answer.json()
            expected = "FILTER(false)" not in query
            need(
                body.get("boolean") is expected if query.startswith("ASK") else body["results"]["bindings"],
                f"{query[:6]}: {answer.text[:200]}",
            )
    code = directory.get("/search/sparql", "image/png", query="ASK {}").status_code
    need(code in (200, 406), f"Accept: image/png: {code}")


@checks("tdd-search-sparql-resp-describe-construct")
def describe_and_construct_are_json_ld(directory: DirectoryClient) -> None:
    title, pattern = titled(directory)
    predicate = ox.NamedNode(TD_TITLE)
    for query in (
        f"CONSTRUCT {{ ?thing <{TD_TITLE}> ?title }} WHERE {pattern}",
        f"DESCRIBE ?thing {pattern}",
    ):
        answer = asked(directory, query)
        form = query.partition(" ")[0]
        need(answer.status_code == 200, f"{form}: {answer.status_code} {answer.text[:200]}")
        need(media_type(answer) == "application/ld+json", f"{form}: {answer.headers['content-type']}")
        quads = ox.parse(answer.content, format=ox.RdfFormat.JSON_LD, base_iri=str(answer.url))
        titles = {quad.object.value for quad in quads if quad.predicate == predicate}
        need(titles == {title}, f"{form}: titles are {titles}")


@checks("tdd-search-sparql-error")
def what_is_no_query_is_400(directory: DirectoryClient) -> None:
    title, pattern = titled(directory)
    for query in FORBIDDEN:
        answer = directory.get("/search/sparql", query=query)
        need(answer.status_code == 400, f"GET of '{query[:20]}': {answer.status_code}")
        problem(answer, query[:20])
        for what, sent in posted(directory, query):
            need(sent.status_code in (400, 405, 415), f"POST of '{query[:20]}' as {what}: {sent.status_code}")
    found = rows(asked(directory, f"SELECT DISTINCT ?title {pattern}"), "SELECT")
    need([row["title"]["value"] for row in found] == [title], "a refused update changed what is there")
    put_in = "SELECT * { { ?s ?p 'put in by a search' } UNION { GRAPH ?g { ?s ?p 'put in by a search' } } }"
    need(rows(asked(directory, put_in), "SELECT") == [], "a refused update put something in")


def federated(directory: DirectoryClient, body: str) -> tuple[httpx.Response, list[str]]:
    """The answer to a query to another endpoint, and the queries that came to that one.

    The endpoint runs here, on loopback, so that no network is needed and none is asked. At `{endpoint}` it
    answers, at `{broken}` it fails.
    """
    with federated_endpoint(directory.federation_port) as (address, broken, received):
        answer = asked(directory, f"SELECT ?value {{ {body.format(endpoint=address, broken=broken)} }}")
        return answer, list(received)


@checks("tdd-search-sparql-federation")
def service_reaches_another_endpoint(directory: DirectoryClient) -> None:
    answer, received = federated(directory, "SERVICE <{endpoint}> {{ ?s ?p ?value }}")
    if 400 <= answer.status_code < 500 or answer.status_code == 501:
        need(not received, "SERVICE is refused, but the other endpoint was asked")
        detail = str(problem(answer, "SERVICE").get("detail", ""))
        raise NotOffered(f"SERVICE is refused with {answer.status_code}: {' '.join(detail.split())[:200]}")
    found = [row["value"]["value"] for row in rows(answer, "SERVICE")]
    need(received, "the other endpoint was never asked")
    need(found == [ANSWERED], f"SERVICE finds {found}")


@checks("tdd-search-sparql-federation-version")
def service_is_federated_query_1_1(directory: DirectoryClient) -> None:
    """Sections 2.1 to 2.3 and 3; variables in place of the address are informative there (4)."""
    service_reaches_another_endpoint(directory)
    answer, received = federated(directory, "SERVICE <{endpoint}> {{ ?s <http://example.org/p> ?value }}")
    need("http://example.org/p" in received[0], f"the other endpoint was sent {received[0]!r}")
    joined = "VALUES ?value {{ 'a' 'from the other endpoint' }} SERVICE <{endpoint}> {{ ?s ?p ?value }}"
    answer, _ = federated(directory, joined)
    need(len(rows(answer, "a join with SERVICE")) == 1, "what SERVICE finds is not joined with the rest")
    optional = "VALUES ?value {{ 'a' }} OPTIONAL {{ SERVICE <{endpoint}> {{ ?s ?p ?value }} }}"
    answer, _ = federated(directory, optional)
    need(len(rows(answer, "SERVICE with OPTIONAL")) == 1, "SERVICE with OPTIONAL is no left join")
    answer, received = federated(directory, "SERVICE SILENT <{broken}> {{ ?s ?p ?value }}")
    need(received, "the failing endpoint was never asked")
    need(rows(answer, "SERVICE SILENT") == [{}], "SERVICE SILENT that fails is not the empty solution")
    answer, received = federated(directory, "SERVICE <{broken}> {{ ?s ?p ?value }}")
    need(received, "the failing endpoint was never asked")
    problem(answer, "SERVICE that fails")
