"""DER by hand, for what no library would make."""


def der(tag, content):
    n = len(content)
    size = bytes([n]) if n < 128 else bytes([0x80 + (n.bit_length() + 7) // 8]) + \
        n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + size + content


def oid(dotted):
    a, b, *rest = map(int, dotted.split("."))
    out = b""
    for n in [a * 40 + b] + rest:
        piece = bytes([n & 127])
        while n > 127:
            n >>= 7
            piece = bytes([128 | n & 127]) + piece
        out += piece
    return der(6, out)
