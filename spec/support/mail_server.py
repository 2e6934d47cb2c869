"""A mail server for the specs: mail_server.py directory plain|starttls|smtps [certificate key]

Goes to the background, prints its port and its process id, and writes each message it accepts to a file of the
directory: sender, recipients and user on the first line, then the message byte by byte. Recipients below
refused.example are turned away; the user is "sample" with the password "sample password"."""

import asyncio
import itertools
import os
import socket
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

directory, mode, *pair = sys.argv[1:]


class Store:
    numbers = itertools.count(1)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("@refused.example"):
            return "550 5.1.1 nobody there"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        encrypted = server.transport.get_extra_info("sslcontext") is not None
        line = " ".join([envelope.mail_from, *envelope.rcpt_tos, "tls" if encrypted else "plain",
                         "user" if session.authenticated else "nobody"])
        path = os.path.join(directory, str(next(self.numbers)))
        with open(path, "wb") as file:
            file.write(line.encode() + b"\n" + envelope.original_content)
        return "250 2.0.0 stored"


def authenticate(server, session, envelope, mechanism, data):
    known = data.login == b"sample" and data.password == b"sample password"
    return AuthResult(success=known, handled=False)


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*pair)
    return made


def server():
    tls = context() if mode == "starttls" else None
    return SMTP(Store(), hostname="mail.example", authenticator=authenticate, tls_context=tls,
                auth_require_tls=False, enable_SMTPUTF8=False)


listener = socket.create_server(("127.0.0.1", 0))
child = os.fork()
if child:
    print(listener.getsockname()[1], child, flush=True)
    sys.exit(0)
silence = os.open(os.devnull, os.O_RDWR)
for descriptor in range(3):
    os.dup2(silence, descriptor)
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
secured = context() if mode == "smtps" else None
loop.run_until_complete(loop.create_server(server, sock=listener, ssl=secured))
loop.run_forever()
