"""Makes tokens.json: keys, and tokens that PyJWT (with the package cryptography) has signed with them.

    python3 -m pip install pyjwt cryptography
    python3 Tests/Fixtures/tokens/make.py > Tests/Fixtures/tokens/tokens.json

The keys are new each time, and the private ones are thrown away. The tokens are valid until 2100.
"""

import base64
import hashlib
import hmac
import json

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

SECRET = "a secret that is known to everybody, for tests only"
CLAIMS = {
    "sub": "alice",
    "iat": 1767323045,
    "exp": 4102444800,
    "jti": "7b1c",
    "iss": "https://issuer.example",
    "aud": ["chat", "mail"],
    "role": "moderator",
    "rooms": ["dev", "team-*"],
    "read_rooms": ["news"],
}


def pem(key):
    public = key.public_key()
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def jwk(key, kid):
    algorithm = {
        rsa.RSAPrivateKey: jwt.algorithms.RSAAlgorithm,
        ec.EllipticCurvePrivateKey: jwt.algorithms.ECAlgorithm,
        ed25519.Ed25519PrivateKey: jwt.algorithms.OKPAlgorithm,
    }
    for kind, maker in algorithm.items():
        if isinstance(key, kind):
            public = maker.to_jwk(key.public_key(), as_dict=True)
            public.pop("key_ops", None)
            return {**public, "kid": kid, "use": "sig"}


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def confused(public_pem):
    """An HS256 token whose secret is the text of a public key, which PyJWT refuses to make."""
    header = base64url(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    signed = header + "." + base64url(json.dumps(CLAIMS).encode())
    mac = hmac.new(public_pem.encode(), signed.encode(), hashlib.sha256).digest()
    return signed + "." + base64url(mac)


keys = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "other-p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "small-rsa": rsa.generate_private_key(65537, 1024),
}


def token(algorithm, key, claims=CLAIMS, **headers):
    return jwt.encode(claims, keys.get(key, key), algorithm=algorithm, headers=headers or None)


print(
    json.dumps(
        {
            "secret": SECRET,
            "pem": {name: pem(key) for name, key in keys.items()},
            "jwks": {
                "keys": [jwk(keys[name], name) for name in ("rsa", "p256", "ed25519", "p384", "small-rsa")]
                + [{"kty": "oct", "kid": "shared", "k": base64url(SECRET.encode())}]
                + [{**jwk(keys["rsa"], "encryption"), "use": "enc"}, {"kty": "new", "kid": "later"}]
            },
            "tokens": {
                "HS256": token("HS256", SECRET),
                "RS256": token("RS256", "rsa"),
                "PS256": token("PS256", "rsa"),
                "ES256": token("ES256", "p256"),
                "EdDSA": token("EdDSA", "ed25519"),
            },
            "named": {
                "RS256": token("RS256", "rsa", kid="rsa"),
                "PS256": token("PS256", "rsa", kid="rsa"),
                "ES256": token("ES256", "p256", kid="p256"),
                "EdDSA": token("EdDSA", "ed25519", kid="ed25519"),
            },
            "refused": {
                "none": jwt.encode(CLAIMS, None, algorithm="none"),
                "HS384": token("HS384", SECRET),
                "HS512": token("HS512", SECRET),
                "RS512": token("RS512", "rsa", kid="rsa"),
                "ES384": token("ES384", "p384", kid="p384"),
                "small": token("RS256", "small-rsa", kid="small-rsa"),
                "shared": token("HS256", SECRET, kid="shared"),
                "encryption": token("RS256", "rsa", kid="encryption"),
                "other": token("ES256", "other-p256", kid="p256"),
                "stranger": token("ES256", "other-p256", kid="other-p256"),
                "confused-rsa": confused(pem(keys["rsa"])),
                "confused-p256": confused(pem(keys["p256"])),
                "critical": token("HS256", SECRET, crit=["b64"], b64=True),
                "expired": token("HS256", SECRET, {**CLAIMS, "exp": 1767323046}),
                "early": token("HS256", SECRET, {**CLAIMS, "nbf": 4102444700}),
                "eternal": token("HS256", SECRET, {k: v for k, v in CLAIMS.items() if k != "exp"}),
            },
        },
        indent=2,
    )
)
