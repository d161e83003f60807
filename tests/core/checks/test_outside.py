"""A stranger knocks: a server set up well, and one wrong thing at a time."""

from __future__ import annotations

import ssl
import threading
import warnings
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.checks.outside import Server, look
from core.commands.outside import outside

GOOD = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Set-Cookie": "__Host-dolbom=x; Secure; HttpOnly; Path=/",
}


@pytest.fixture(scope="module")
def authority():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def papers(tmp_path, authority):
    """A certificate and the authority to trust: `papers(host="localhost", days=30)` gives both files."""

    def make(host="localhost", days=30):
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        ours = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of the tests")])

        def certificate(subject, public, ends, *more):
            made = (
                x509.CertificateBuilder().subject_name(subject).issuer_name(ours).public_key(public)
                .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=60)).not_valid_after(ends)
            )  # fmt: skip
            for extension in more:
                made = made.add_extension(extension, critical=False)
            return made.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

        trust, chain = tmp_path / "trust.pem", tmp_path / "chain.pem"
        trust.write_bytes(certificate(ours, authority.public_key(), now + timedelta(days=90), x509.BasicConstraints(True, None)))
        leaf = certificate(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), key.public_key(), now + timedelta(days=days),
            x509.SubjectAlternativeName([x509.DNSName(host)]),
        )  # fmt: skip
        pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        chain.write_bytes(leaf + key.private_bytes(*pem))
        return chain, trust

    return make


@pytest.fixture
def serve():
    """An HTTP server in a thread, by TLS if it has a context; gives its port."""
    running = []

    def start(context=None, headers=GOOD, found=(), status=200):
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status if self.path == "/login" or self.path in found else 404)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_):
                pass

        server = Quiet(("127.0.0.1", 0), Answer)
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return server.server_port

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def knock(papers, serve):
    def _knock(host="localhost", days=30, least=ssl.TLSVersion.TLSv1_2, most=ssl.TLSVersion.TLSv1_3, plain=None, trusting=True, **more):
        chain, trust = papers(host, days)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = least, most
        context.load_cert_chain(chain)
        port = serve(context, **more)
        plain = serve(**(plain or {"status": 301, "headers": {"Location": "https://localhost/"}}))
        return Server("localhost", port, plain, trust if trusting else None)

    return _knock


def wrong(server):
    return {result.id: " ".join(result.records) for result in look(server) if result.records}


def test_a_server_set_up_well(knock):
    assert wrong(knock()) == {}


@pytest.mark.parametrize(
    ("facts", "check", "says"),
    [
        ({"trusting": False}, "certificate", "unable to get local issuer certificate"),
        ({"host": "other.example"}, "certificate", "match"),
        ({"days": -1}, "certificate", "expired"),
        ({"least": ssl.TLSVersion.TLSv1}, "tls-versions", "TLS 1.0 is spoken TLS 1.1 is spoken"),
        ({"least": ssl.TLSVersion.TLSv1_1}, "tls-versions", "TLS 1.1 is spoken"),
        ({"most": ssl.TLSVersion.TLSv1_2}, "tls-versions", "TLSv1.2 was taken where 1.3 was offered"),
        ({"plain": {"status": 200}}, "no-plain-http", "answers 200"),
        ({"plain": {"status": 302, "headers": {"Location": "http://localhost/x"}}}, "no-plain-http", "answers 302 http://"),
        ({"headers": {}}, "hsts", "names no year"),
        ({"headers": {"Strict-Transport-Security": "max-age=600"}}, "hsts", "names no year"),
        ({"headers": GOOD | {"Set-Cookie": "dolbom=x; Secure"}}, "hsts", "the cookie dolbom is not bound"),
        ({"headers": GOOD | {"Set-Cookie": "__Host-dolbom=x"}}, "hsts", "is not bound"),
        ({"found": ("/.git/HEAD",)}, "no-history", "/.git/HEAD"),
    ],
)
def test_one_wrong_thing_is_named_and_nothing_else(knock, facts, check, says):
    found = wrong(knock(**facts))
    assert set(found) == {check}
    assert says in found[check]


def test_a_server_that_is_not_there_is_said(serve):
    found = wrong(Server("localhost", 1, 1))
    assert {"certificate", "tls-versions", "hsts", "no-history"} <= set(found)
    assert all("refused" in words for words in found.values())


def test_the_command(knock):
    good, bad = knock(), knock(headers={})
    done = [
        CliRunner().invoke(outside, [one.name, "--port", str(one.port), "--plain", str(one.plain), "--trust", str(one.trust)])
        for one in (good, bad)
    ]
    assert [one.exit_code for one in done] == [0, 1]
    assert "ok   tls-versions: TLS 1.3 is taken first" in done[0].output
    assert "→ Run Dolbom with DOLBOM_ENV=prod" in done[1].output
