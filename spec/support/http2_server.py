"""An HTTP/2 server over TLS that says what it did not process. Usage: MODE CERTIFICATE KEY LOG

Prints its port and process id and goes on in the background. LOG gets a line for each request:
"served", or how it was not. The modes:
  refuse       every request is refused (REFUSED_STREAM)
  refuse-once  the first one is refused, the others are served
  goaway       each connection serves one request and goes away at the second one
  goaway-zero  each connection goes away at its first request, having processed none
  cut          each connection is closed at its first request, without a word about it
  early        each request is answered with 401 before its body is read, and reset
  early-open   the same, and not reset
  early-found  the same with 200
With HTTP/1.1 each request is answered with 401 before its body is read, and noted as "1.1".
"""
import os
import socket
import ssl
import struct
import sys
import threading

mode, certificate, key, log_path = sys.argv[1:]
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, END_HEADERS, ACK = 1, 4, 1
NO_ERROR, REFUSED_STREAM = 0, 7
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
STATUS_200, STATUS_401 = b"\x88", b"\x48\x03401"  # as HPACK has it
lock = threading.Lock()
seen = 0


def note(word):
    with lock, open(log_path, "a") as log:
        log.write(word + "\n")


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def read_exactly(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data


def decide(streams):
    """What becomes of a request, the so manieth of its connection."""
    global seen
    with lock:
        seen += 1
        first = seen == 1
    if mode == "refuse" or mode == "refuse-once" and first:
        return "refused"
    if mode == "goaway-zero" or mode == "goaway" and streams > 1:
        return "gone"
    return "cut" if mode == "cut" else "served"


def answer_early(connection, stream):
    status = STATUS_200 if mode == "early-found" else STATUS_401
    answer = frame(HEADERS, END_STREAM | END_HEADERS, stream, status)
    if mode == "early":
        answer += frame(RST_STREAM, 0, stream, struct.pack(">I", NO_ERROR))
    connection.sendall(answer)


def serve(connection):
    connection.sendall(frame(SETTINGS, 0, 0))
    read_exactly(connection, len(PREFACE))
    streams, last = 0, 0
    while True:
        head = read_exactly(connection, 9)
        length = struct.unpack(">I", b"\0" + head[:3])[0]
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        read_exactly(connection, length)
        if kind == SETTINGS and not flags & ACK:
            connection.sendall(frame(SETTINGS, ACK, 0))
        if mode.startswith("early"):
            if kind == HEADERS:
                note("early")
                answer_early(connection, stream)
            continue
        if kind not in (DATA, HEADERS) or not flags & END_STREAM:
            continue
        streams += 1
        outcome = decide(streams)
        note(outcome)
        if outcome == "served":
            last = stream
            connection.sendall(frame(HEADERS, END_STREAM | END_HEADERS, stream, STATUS_200))
        elif outcome == "refused":
            connection.sendall(frame(RST_STREAM, 0, stream, struct.pack(">I", REFUSED_STREAM)))
        elif outcome == "gone":
            connection.sendall(frame(GOAWAY, 0, 0, struct.pack(">II", last, 0)))
        else:
            return


def serve_http1(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        head += read_exactly(connection, 1)
    note("1.1")
    connection.sendall(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    while connection.recv(65536):  # else the rest would make the system reset the connection
        pass


def handle(plain, context):
    try:
        with context.wrap_socket(plain, server_side=True) as connection:
            if connection.selected_alpn_protocol() == "h2":
                serve(connection)
            else:
                serve_http1(connection)
    except (OSError, ssl.SSLError):
        pass


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2", "http/1.1"])
    child = os.fork()
    if child:
        print(listener.getsockname()[1], child)
        return
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    while True:
        plain, _ = listener.accept()
        threading.Thread(target=handle, args=(plain, context), daemon=True).start()


main()
