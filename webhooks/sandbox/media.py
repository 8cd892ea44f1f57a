"""Files that come with a text: kept in the state, and where Twilio says that they are."""

from webhooks.sandbox.sids import new_sid, stamp
from webhooks.sandbox.state import State


def media_url(api_base: str, account_sid: str, message_sid: str, sid: str) -> str:
    return f"{api_base}/2010-04-01/Accounts/{account_sid}/Messages/{message_sid}/Media/{sid}"


def keep(state: State, message_sid: str, content_type: str, data: str) -> str:
    """Its SID. `data` is base64."""
    sid = new_sid("ME")
    state.put("media", sid, {
        "sid": sid, "message_sid": message_sid, "content_type": content_type, "data": data,
        "created_at": stamp(),
    })  # fmt: skip
    return sid
