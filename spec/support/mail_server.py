"""A mail server for the specs: mail_server.py directory plain|smtputf8|passwords|tokens|starttls|smtps [certificate key]

Goes to the background, prints its port and its process id, and writes each message it accepts to a file of the
directory: sender, recipients and user on the first line, then the message byte by byte; beside it, in a file that ends
in .json, what Python's own parser makes of the message. The user is "sample" with the password "sample password".

The recipient's domain decides what becomes of a mail: refused.example and busy.example are turned away, full.example
is when the message is there; silent.example is never answered, gone.example ends the connection, and together.example
is answered when three such messages are there."""

import asyncio
import base64
import email
import email.policy
import itertools
import json
import os
import socket
import ssl
import sys
from email.header import decode_header, make_header
from email.utils import getaddresses

from aiosmtpd.smtp import SMTP, AuthResult

directory, mode, *pair = sys.argv[1:]


TURNED_AWAY = {"refused.example": "550 5.1.1 nobody there", "busy.example": "451 4.3.2 come again"}
TOGETHER = 3


def addresses(content, header):
    """By the older of Python's two parsers: the newer one leaves spaces between the encoded words of a name."""
    values = email.message_from_bytes(content).get_all(header, [])
    return [[str(make_header(decode_header(name))), address] for name, address in getaddresses(values)]


def parsed(content):
    message = email.message_from_bytes(content, policy=email.policy.default)
    bodies = {part.get_content_type(): part.get_content().replace("\r\n", "\n")
              for part in message.walk() if not part.is_multipart()}
    defects = [str(defect) for part in message.walk() for defect in part.defects]
    defects += [str(defect) for value in message.values() for defect in value.defects]
    return {
        "names": message.keys(), "type": message.get_content_type(), "bodies": bodies, "defects": defects,
        "from": addresses(content, "From"), "to": addresses(content, "To"), "reply_to": addresses(content, "Reply-To"),
        "subject": message["Subject"], "date": message["Date"] and message["Date"].datetime.timestamp(), "id": message["Message-ID"],
        "automatic": message["Auto-Submitted"],
    }


class Store:
    numbers = itertools.count(1)
    together = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = TURNED_AWAY.get(address.rpartition("@")[2])
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def auth_XOAUTH2(self, server, args):
        """Takes the token "sample-token" of the user "sample"."""
        said = base64.b64decode(args[1]) if len(args) > 1 else await server.challenge_auth("")
        known = said == b"user=sample\x01auth=Bearer sample-token\x01\x01"
        return AuthResult(success=known, handled=False, auth_data="sample")

    async def handle_DATA(self, server, session, envelope):
        domain = envelope.rcpt_tos[0].rpartition("@")[2]
        if domain == "full.example":
            return "552 5.2.2 no room"
        if domain == "silent.example":
            await asyncio.Event().wait()
        if domain == "gone.example":
            server.transport.abort()
            return "421 gone"
        if domain == "together.example":
            answered = asyncio.get_running_loop().create_future()
            self.together.append(answered)
            if len(self.together) == TOGETHER:
                for each in self.together:
                    each.set_result(None)
                self.together.clear()
            await answered
        encrypted = server.transport.get_extra_info("sslcontext") is not None
        line = " ".join([envelope.mail_from, *envelope.rcpt_tos, "tls" if encrypted else "plain",
                         "user" if session.authenticated else "nobody"])
        path = os.path.join(directory, str(next(self.numbers)))
        with open(path + ".json", "w", encoding="utf-8") as file:
            json.dump(parsed(envelope.original_content), file)
        with open(path + ".part", "wb") as file:
            file.write(line.encode() + b"\n" + envelope.original_content)
        os.rename(path + ".part", path)  # a message that is there is there as a whole
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
    excluded = {"passwords": ["XOAUTH2"], "tokens": ["PLAIN", "LOGIN"]}.get(mode)
    return SMTP(Store(), hostname="mail.example", authenticator=authenticate, tls_context=tls,
                auth_require_tls=False, auth_exclude_mechanism=excluded,
                enable_SMTPUTF8=mode == "smtputf8")


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
