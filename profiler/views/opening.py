"""How a profile's page opens: with its graph alone at first, or with everything at once."""

from base64 import b64encode

from django.http import QueryDict

from profiler.models import StoredProfile
from profiler.query.tree import TreeAsked, ready_overview

# Of the view's state (static/js/core/viewstate.js) what asks for another tree, or for more than the graph.
BEYOND_THE_GRAPH = frozenset({"group", "stacks", "at", "base", "do", "show", "heat"})


def first_tree(query: QueryDict, profile: StoredProfile) -> str:
    """The stored overview for the page to hold, gzip in base64, if its graph is what the address asks for, else "".

    A page that has it draws it before the rest is loaded, and asks for nothing but its sheet and its script.
    """
    if BEYOND_THE_GRAPH & query.keys():
        return ""
    ready = ready_overview(profile, TreeAsked(detail="overview"))
    return b64encode(ready).decode("ascii") if ready else ""
