"""Signed tokens: who signed in, in which role, until when."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

ALGORITHM = "HS256"


class TokenRefused(Exception):
    """The token is missing, forged or expired."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: user and role as the token says, purpose and case number as the request says."""

    user: str
    role: str
    purpose: str = ""
    case_no: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issues and reads tokens with one signing key."""

    key: str
    hours: float

    def issue(self, user: str, role: str, now: datetime | None = None) -> str:
        """A token for ``user`` that ends after the configured hours."""
        now = now or datetime.now(UTC)
        claims = {
            "sub": user,
            "role": role,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(hours=self.hours)).timestamp()),
        }
        return jwt.encode({"alg": ALGORITHM}, claims, OctKey.import_key(self.key))

    def read(self, token: str) -> Identity:
        """Who the token stands for.

        Raises
        ------
        TokenRefused
            When it is forged or expired.
        """
        try:
            decoded = jwt.decode(token, OctKey.import_key(self.key), algorithms=[ALGORITHM])
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise TokenRefused("登录已失效，请重新登录") from error
        return Identity(str(decoded.claims["sub"]), str(decoded.claims["role"]))
