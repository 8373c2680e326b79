"""Says of each request until when CloudFront would serve it, or null: a second telling of its rules for signed URLs and cookies.

Reads {"keys": {id: PEM}, "requests": [{"url", "cookies"?}]} and prints a list. Only what is signed counts here, not the clock.
"""

import base64
import binascii
import json
import re
import sys
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_public_key

SIGNING = {"Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"}
TO_BASE64 = str.maketrans("-_~", "+=/")


def decode(text):
    return base64.b64decode(text.translate(TO_BASE64), validate=True)


def matches(resource, url):
    pattern = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in resource)
    return re.fullmatch(pattern, url, re.DOTALL) is not None


def served_until(keys, url, cookies):
    parts = urlsplit(url)
    pairs = [tuple(pair.split("=", 1)) for pair in parts.query.split("&") if "=" in pair]
    signed = {name: value for name, value in pairs if name in SIGNING}
    rest = "&".join(f"{name}={value}" for name, value in pairs if name not in SIGNING)
    plain = f"{parts.scheme}://{parts.netloc}{parts.path}" + (f"?{rest}" if rest else "")
    if not signed:
        signed = {name.removeprefix("CloudFront-"): value for name, value in cookies.items()}

    if "Policy" in signed:
        policy = decode(signed["Policy"])
    else:
        # A canned policy is not sent: it is this text, to the letter.
        policy = b'{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%s}}}]}' % (
            plain.encode(),
            signed["Expires"].encode(),
        )
    algorithm = hashes.SHA256() if signed.get("Hash-Algorithm") == "SHA256" else hashes.SHA1()
    key = load_pem_public_key(keys[signed["Key-Pair-Id"]].encode())
    key.verify(decode(signed["Signature"]), policy, padding.PKCS1v15(), algorithm)

    (statement,) = json.loads(policy)["Statement"]
    if not matches(statement["Resource"], plain):
        return None
    return int(statement["Condition"]["DateLessThan"]["AWS:EpochTime"])


def answer(keys, request):
    try:
        return served_until(keys, request["url"], request.get("cookies", {}))
    except (InvalidSignature, KeyError, ValueError, binascii.Error):
        return None


data = json.load(sys.stdin)
print(json.dumps([answer(data["keys"], request) for request in data["requests"]]))
