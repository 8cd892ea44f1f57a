"""How many parts a text is sent in: GSM-7 160 alone and 153 joined, UCS-2 70 and 67."""

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = set("^{}\\[~]|€\f")  # these count twice


def segments(body: str) -> int:
    if all(c in GSM or c in GSM_EXTENDED for c in body):
        length = sum(2 if c in GSM_EXTENDED else 1 for c in body)
        alone, joined = 160, 153
    else:
        length = len(body.encode("utf-16-le")) // 2
        alone, joined = 70, 67
    return 1 if length <= alone else -(-length // joined)
