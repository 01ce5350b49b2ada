"""Keys that sign access tokens are read in every form they come in; with one that is weak or damaged nothing starts."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from livingdocs_import.security import signing_keys

ROOT = Path(__file__).resolve().parent.parent
SHOW = "from config import settings; print(*settings.TOKEN_SIGNING_KEYS)"
PRODUCTION = {
    "SECRET_KEY": "x" * 50,
    "DATABASE_URL": "postgresql://nobody@localhost/nothing",
    "FIELD_ENCRYPTION_KEYS": "b25seSBmb3IgdGVzdHM6IDAxMjM0NTY3ODlhYmNkZWY=",
}
PRIVATE = ed25519.Ed25519PrivateKey.generate()
PKCS8 = PrivateFormat.PKCS8


def one_line(private: object, encryption: object = None) -> str:
    der = private.private_bytes(Encoding.DER, PKCS8, encryption or NoEncryption())  # type: ignore[attr-defined]
    return base64.b64encode(der).decode()


KEY, OTHER = one_line(PRIVATE), one_line(ec.generate_private_key(ec.SECP256R1()))
PEM = PRIVATE.private_bytes(Encoding.PEM, PKCS8, NoEncryption()).decode()
LOCKED = one_line(PRIVATE, BestAvailableEncryption(b"sesame"))


def started(folder: Path, **given: str) -> "subprocess.CompletedProcess[str]":
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = bare | {"ENV_FILE": "", "DATA_DIR": str(folder / "data")} | PRODUCTION | given
    return subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "text",
    [KEY, f" {KEY}\n", PEM, PEM.replace("\n", "\\n"), PEM.replace("\n", " "), f"# mine\n{PEM}".split("\n", 1)[1]],
    ids=range(6),
)
def test_a_key_is_read_with_and_without_the_frame_of_a_pem(text: str) -> None:
    assert signing_keys.split(text) == [KEY]


@pytest.mark.parametrize(
    "text", [f"{KEY},{OTHER}", f"{KEY} {OTHER}", f"{KEY}, {OTHER},", f"{PEM}\n{OTHER}"], ids=range(4)
)
def test_several_keys_keep_their_order(text: str) -> None:
    assert signing_keys.split(text) == [KEY, OTHER]


def test_a_key_has_the_same_name_in_every_process() -> None:
    """RFC 8037, A.3: the thumbprint of RFC 7638."""
    d = base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    key = signing_keys.read(one_line(ed25519.Ed25519PrivateKey.from_private_bytes(d)))
    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert key.public["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert KEY not in repr(key)


def test_an_encrypted_key_needs_its_passphrase() -> None:
    assert signing_keys.read(LOCKED, "sesame").kid == signing_keys.read(KEY).kid == signing_keys.read(KEY, "sesame").kid
    with pytest.raises(ValueError, match="is encrypted: set TOKEN_SIGNING_PASSPHRASE"):
        signing_keys.read(LOCKED)
    with pytest.raises(ValueError, match="cannot be decrypted with TOKEN_SIGNING_PASSPHRASE"):
        signing_keys.read(LOCKED, "simsalabim")


PUBLIC = base64.b64encode(PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("short", "is no key, which is PKCS #8 in base64"),
        ("c2hvcnQ=", "is no private key"),
        ("ü" * 44, "is no key, which is PKCS #8 in base64"),
        (KEY[:-8], "is no private key"),
        (PUBLIC, "is no private key"),
        (one_line(rsa.generate_private_key(65537, 1024)), "has 1024 bits: RSA keys have 2048 to 4096 here"),
        (one_line(ec.generate_private_key(ec.SECP256K1())), "is of a kind that signs no tokens"),
        (one_line(ed448.Ed448PrivateKey.generate()), "is of a kind that signs no tokens"),
        (one_line(x25519.X25519PrivateKey.generate()), "is of a kind that signs no tokens"),
        (one_line(dsa.generate_private_key(1024)), "is of a kind that signs no tokens"),
    ],
    ids=range(10),
)
def test_what_cannot_sign_is_refused_with_the_reason_and_not_repeated(key: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace("#", r"\#")) as refused:
        signing_keys.read(key)
    assert key not in str(refused.value)


def test_no_process_starts_with_a_key_that_cannot_sign(tmp_path: Path) -> None:
    weak = one_line(rsa.generate_private_key(65537, 1024))
    done = started(tmp_path, TOKEN_SIGNING_KEYS=f"{KEY},{weak}")
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "TOKEN_SIGNING_KEYS: number 2 has 1024 bits: RSA keys have 2048 to 4096 here" in last
    assert weak not in done.stderr


def test_keys_come_from_files_too(tmp_path: Path) -> None:
    (tmp_path / "keys.pem").write_text(
        PRIVATE.private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"s")).decode()
    )
    (tmp_path / "passphrase").write_text("s\n")
    names = {"TOKEN_SIGNING_KEYS": "keys.pem", "TOKEN_SIGNING_PASSPHRASE": "passphrase"}
    done = started(tmp_path, **{f"{name}_FILE": str(tmp_path / file) for name, file in names.items()})
    assert len(done.stdout.split()) == 1, done.stderr


def test_without_a_key_production_starts(tmp_path: Path) -> None:
    assert started(tmp_path).returncode == 0
