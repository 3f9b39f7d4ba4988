"""How a profile's page opens: with its graph alone at first, or with everything at once."""

from django.http import QueryDict

# Of the view's state (static/js/core/viewstate.js) what asks for another tree, or for more than the graph.
BEYOND_THE_GRAPH = frozenset({"group", "stacks", "at", "base", "do", "show", "heat"})


def opens_plain(query: QueryDict) -> bool:
    """Whether the graph of the stored overview is what the address asks for: it is drawn before the rest is loaded."""
    return not BEYOND_THE_GRAPH & query.keys()
