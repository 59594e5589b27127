"""An authority, certificates and notices of the tests: everything is made here and trusted nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shouxin.domain.clock import Instant

NOW = Instant(int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp() * 1000))
_NOW = datetime.fromtimestamp(NOW / 1000, UTC)


@dataclass(frozen=True)
class Paper:
    """A certificate with its key, both PEM."""

    certificate: x509.Certificate
    private: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key(self) -> bytes:
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def paper(
    name: str, by: Paper | None = None, *, days: tuple[int, int] = (-365, 365), ca: bool = False, signs: bool = True
) -> Paper:
    """A certificate for ``name``, issued ``by`` somebody or by itself, valid these days around ``NOW``."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW + timedelta(days=days[0]))
        .not_valid_after(_NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not ca,
                content_commitment=signs and not ca,
                key_cert_sign=ca,
                crl_sign=ca,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((by.private if by else private).public_key()),
            critical=False,
        )
    )
    return Paper(built.sign(by.private if by else private, hashes.SHA256()), private)


def revoked(authority: Paper, *serials: int) -> bytes:
    """The authority's list of revoked certificates, DER."""
    built = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(_NOW - timedelta(days=1))
        .next_update(_NOW + timedelta(days=1))
    )
    for serial in serials:
        when = _NOW - timedelta(days=2)
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when).build()
        built = built.add_revoked_certificate(entry)
    built = built.add_extension(x509.CRLNumber(1), critical=False).add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.private.public_key()), critical=False
    )
    return built.sign(authority.private, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
