# A change to what schemathesis sends, because it waits for each answer.
import schemathesis

WAIT_MS_MAX = 30_000


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets a call that may wait for a signal wait for a moment alone; what is refused stays so."""
    body = case.body
    if isinstance(body, dict) and type(body.get("wait_ms")) is int:
        if 20 < body["wait_ms"] <= WAIT_MS_MAX:
            body["wait_ms"] = 20
