"""What Twilio says beside an error code of a text."""

_WORDS = {
    21211: "Invalid 'To' Phone Number",
    21408: "Permission to send an SMS has not been enabled for the region of the 'To' number",
    21606: "The 'From' phone number is not a valid message-capable number for this destination",
    21608: "The number is unverified. Trial accounts cannot send messages to unverified numbers",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "The 'To' phone number is not currently reachable using the 'From' phone number",
    21614: "'To' number is not a valid mobile number",
    21635: "'To' number cannot be a landline",
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30022: "US A2P 10DLC: rate limits exceeded",
    30027: "US A2P 10DLC: daily message limit reached",
    30032: "Toll-free number has not been verified",
    30034: "US A2P 10DLC: message from an unregistered number",
    30036: "Validity period expired",
}


def in_words(code: int) -> str:
    return _WORDS.get(code, "Unknown error")
