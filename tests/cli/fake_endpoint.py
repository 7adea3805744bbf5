"""A server of PostgreSQL's protocol that takes a client through TLS to the password, and then refuses it."""

import contextlib
import socket
import ssl
import struct
import subprocess
import threading

SSL_REQUEST = 80877103


def make_certificate(folder, name):
    """A certificate that is its own authority: the files of it and of its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out",
                    certificate], check=True, capture_output=True)
    return certificate, key


class FakeEndpoint:
    """Refuses each login with `code` and `message`; without a code it says nothing after the connection is made."""

    def __init__(self, certificate, key, code=None, message=""):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.code, self.message = code, message
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.open.append(connection)
            if self.code:
                threading.Thread(target=self.refuse, args=(connection,), daemon=True).start()

    def refuse(self, connection):
        with contextlib.suppress(OSError, struct.error):
            while struct.unpack("!ii", connection.recv(8, socket.MSG_WAITALL))[1] != SSL_REQUEST:
                connection.sendall(b"N")
            connection.sendall(b"S")
            session = self.context.wrap_socket(connection, server_side=True)
            self.open.append(session)
            session.recv(65536)
            session.sendall(b"R" + struct.pack("!ii", 8, 3))  # a password, please
            session.recv(65536)
            fields = b"".join(kind + text.encode() + b"\0" for kind, text in
                              ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", self.code), (b"M", self.message))) + b"\0"
            session.sendall(b"E" + struct.pack("!i", 4 + len(fields)) + fields)
            session.unwrap()

    def close(self):
        self.listener.close()
        for connection in self.open:
            connection.close()
