"""Runs a program as on another machine: other-machine.py NAME PORT,PORT,... PROGRAM ARGUMENT...

The program has a host name and a network of its own, in which these TCP ports of 127.0.0.1, and no others, lead to the same ports of the
machine outside. This process becomes the program, so that it keeps its pid; what passes connections on is a child of it and ends when
it ends, however that comes. The program itself is killed when whoever started it has gone. Needs root, and `ip`.
"""
import ctypes
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
from contextlib import suppress

ADDRESS = '127.0.0.1'
CHUNK_BYTES = 256 * 1024
# From <sched.h>, <sys/prctl.h>.
CLONE_NEWUTS, CLONE_NEWNET = 0x04000000, 0x40000000
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def main(name, ports, *program):
    parent = os.getppid()
    outside = os.open('/proc/self/ns/net', os.O_RDONLY)
    system('unshare', CLONE_NEWUTS | CLONE_NEWNET)
    socket.sethostname(name)
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    listeners = [socket.create_server((ADDRESS, int(port)), backlog=128) for port in ports.split(',') if port]
    run = os.getpid()
    if os.fork() == 0:
        end_with(run)
        # Signals of a terminal are for the program. Not by a session of its own: who leads a group is ended with the writers of a lease.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP):
            signal.signal(number, signal.SIG_IGN)
        # A listener stays in the network where it was made; connections are made in that of the thread.
        system('setns', outside, CLONE_NEWNET)
        pass_on_all(name, listeners)
    end_with(parent)
    os.execvp(program[0], program)


def system(call, *arguments):
    if getattr(LIBC, call)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f'{call}: {os.strerror(number)}')


def end_with(parent):
    """This process is killed when its parent ends."""
    system('prctl', PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def pass_on_all(name, listeners):
    """Never returns."""
    with selectors.DefaultSelector() as selector:
        for listener in listeners:
            selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                connection, _ = key.fileobj.accept()
                port = key.fileobj.getsockname()[1]
                threading.Thread(target=pass_on, args=(name, connection, port), daemon=True).start()


def pass_on(name, inside, port):
    with inside:
        try:
            outside = socket.create_connection((ADDRESS, port))
        except OSError as error:
            print(f'{name}: {ADDRESS}:{port} of the machine outside: {error.strerror}', file=sys.stderr, flush=True)
            reset(inside)
            return
        with outside:
            for end in (inside, outside):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answers = threading.Thread(target=copy, args=(outside, inside), daemon=True)
            answers.start()
            copy(inside, outside)
            answers.join()


def copy(source, sink):
    """Until the source has no more; what is said the other way goes on. A connection that breaks on one side breaks on the other."""
    try:
        while chunk := source.recv(CHUNK_BYTES):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            reset(end)
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def reset(end):
    """The peer is told that the connection is broken when it is closed, not that all is said."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


main(*sys.argv[1:])
