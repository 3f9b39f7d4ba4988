"""What the scripts of a page hold, its workers' included, after the garbage is collected."""

import json
from typing import Any

from playwright.sync_api import CDPSession, Page

MB = 1e6
USAGE = "Runtime.getHeapUsage"


def memory(page: Page) -> dict[str, float]:
    """Heap and typed arrays in MB. A worker that the page starts later is not in it."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usages = [session.send(USAGE), *_workers(page, session)]
    session.detach()
    return {
        "heap MB": sum(usage["usedSize"] for usage in usages) / MB,
        "typed arrays MB": sum(usage["backingStorageSize"] for usage in usages) / MB,
    }


def _workers(page: Page, session: CDPSession) -> list[dict[str, Any]]:
    attached: list[str] = []
    answers: dict[str, dict[str, Any]] = {}
    session.on("Target.attachedToTarget", lambda event: attached.append(event["sessionId"]))

    def keep(event: dict[str, Any]) -> None:
        answers[f"{event['sessionId']} {json.loads(event['message']).get('id')}"] = event

    session.on("Target.receivedMessageFromTarget", keep)
    session.send("Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False})
    found = []
    for worker in attached:
        for number, method in enumerate(("HeapProfiler.collectGarbage", USAGE)):
            message = json.dumps({"id": number, "method": method})
            session.send("Target.sendMessageToTarget", {"sessionId": worker, "message": message})
            key = f"{worker} {number}"
            for _ in range(100):
                if key in answers:
                    break
                page.wait_for_timeout(50)
        found.append(json.loads(answers[key]["message"])["result"])
    return found
