"""Starts the stub of AWS and of the payment gateway, and reads its state."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCIES_MS = (0, 4, 8)
_SERVER = Path(__file__).with_name("stub_server.py")


@dataclass(frozen=True, slots=True)
class Stub:
    """A running stub: a URL per latency, one with TLS and the bundle that trusts it."""

    plain: dict[int, str]
    tls: str
    ca_bundle: Path

    def seed(self, items: list[dict[str, Any]]) -> None:
        """Put items into the table."""
        self._post("seed", {"items": items})

    def take_state(self) -> dict[str, Any]:
        """Return items, messages and charges, and forget them."""
        return self._post("state", {})

    def _post(self, path: str, body: object) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            f"{self.plain[0]}/{path}", json.dumps(body).encode()
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - likewise
            taken: dict[str, Any] = json.load(answer)
            return taken


@contextmanager
def running(scratch: Path) -> Iterator[Stub]:
    """Run the stub until the block ends; ``scratch`` takes its certificate."""
    certificate = scratch / "stub.pem"
    trusted = _make_certificate(certificate)
    # As long as the bundle that a client loads on AWS, and one certificate longer.
    ca_bundle = scratch / "ca-bundle.pem"
    own = Path(botocore.__file__).with_name("cacert.pem").read_bytes()
    ca_bundle.write_bytes(own + b"\n" + trusted)
    process = subprocess.Popen(
        [sys.executable, "-P", str(_SERVER), "--certificate", str(certificate),
         *map(str, LATENCIES_MS)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        ports = json.loads(process.stdout.readline())
        yield Stub(
            {
                int(ms): f"http://127.0.0.1:{port}"
                for ms, port in ports["plain"].items()
            },
            f"https://127.0.0.1:{ports['tls']}",
            ca_bundle,
        )
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()


def _make_certificate(path: Path) -> bytes:
    """Write a certificate for loopback with its key; return the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    start = datetime.now(UTC) - timedelta(minutes=5)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    trusted = certificate.public_bytes(serialization.Encoding.PEM)
    path.write_bytes(
        trusted
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return trusted
