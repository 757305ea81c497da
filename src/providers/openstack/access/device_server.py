"""Runs on a conversion host, for as long as a volume is migplan's there.

It tells what it finds and decides nothing: lines of JSON go out, and it serves the device when it is told to.

Every way out ends the server first, then lets go of the device, then removes the folder. The server is killed by the kernel when
this program is, and holds the claim itself, so that the device is not free as long as anybody can write to it.
"""

import ctypes, errno, glob, json, os, select, shutil, signal, socket, stat, subprocess, sys, time

request = json.loads(sys.stdin.readline())
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def tell(**what):
    sys.stdout.write("migplan " + json.dumps(what) + "\n")
    sys.stdout.flush()


def text_of(path):
    try:
        with open(path, encoding="latin-1") as file:
            return file.read().strip()
    except OSError:
        return None


class Operator:
    """The other side of the connection: there as long as it says something now and then."""

    def __init__(self):
        self.heard = time.monotonic()
        self.words = b""
        self.is_there = True

    def listen(self, seconds):
        if select.select([0], [], [], seconds)[0]:
            said = os.read(0, 4096)
            self.is_there = self.is_there and said != b""
            self.words += said
            self.heard = time.monotonic()
        if time.monotonic() - self.heard > request["silenceSeconds"]:
            self.is_there = False
        return self.is_there

    def asks_to_serve(self):
        while b"serve\n" not in self.words:
            if not self.listen(1):
                return False
        return True


def machine():
    nbdkit = shutil.which("nbdkit", path=PATH)
    version = None
    if nbdkit:
        answer = subprocess.run([nbdkit, "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        version = answer.stdout.decode("latin-1").strip()
    uuid = text_of(os.path.join(request["sysDir"], "class/dmi/id/product_uuid"))
    nodes = ["/dev/" + name for name in os.listdir("/sys/class/block")] if os.path.isdir("/sys/class/block") else []
    may = os.geteuid() == 0 or any(os.access(node, os.R_OK | os.W_OK) for node in nodes)
    return dict(uuid=uuid, nbdkit=version, hasFolder=os.path.isdir(request["byIdDir"]), mayOpen=may, isRoot=os.geteuid() == 0)


def devices():
    links = [os.path.join(request["byIdDir"], name) for name in request["links"]]
    return sorted(set(os.path.realpath(link) for link in links if os.path.exists(link)))


def devices_in_time(operator):
    end = time.monotonic() + request["timeoutSeconds"]
    while True:
        found = devices()
        if found or time.monotonic() >= end or not operator.listen(0.25):
            return found


def serial_of(about):
    plain = text_of(os.path.join(about, "serial"))
    if plain is not None:
        return plain
    try:
        # Vital product data page 0x80 has a header of four bytes.
        with open(os.path.join(about, "device/vpd_pg80"), "rb") as page:
            return page.read()[4:].decode("latin-1").strip()
    except OSError:
        return None


def facts(path, claim):
    status = os.fstat(claim)
    if stat.S_ISREG(status.st_mode):
        return dict(kind="file", bytes=status.st_size)
    if not stat.S_ISBLK(status.st_mode):
        return dict(kind="other", bytes=0)
    about = os.path.join(request["sysDir"], "class/block", os.path.basename(path))
    return dict(
        kind="block",
        about=about,
        number="%d:%d" % (os.major(status.st_rdev), os.minor(status.st_rdev)),
        numberThere=text_of(os.path.join(about, "dev")),
        isPartition=os.path.exists(os.path.join(about, "partition")),
        serial=serial_of(about),
        bytes=512 * int(text_of(os.path.join(about, "size")) or 0),
    )


libc = ctypes.CDLL(None)
parent = os.getpid()
PR_SET_PDEATHSIG = 1


def die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def stop(server):
    server.terminate()
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def hand_over(path):
    # Under sudo the other end of the socket is sshd as the user that logged in.
    if "SUDO_UID" in os.environ:
        os.chown(path, int(os.environ["SUDO_UID"]), int(os.environ["SUDO_GID"]))


def remove_abandoned():
    # Left by a program that was killed: nobody has listened there for a while.
    ours = (os.geteuid(), int(os.environ.get("SUDO_UID", os.geteuid())))
    for folder in glob.glob("/tmp/migplan-*-*-*-*-*"):
        try:
            about = os.lstat(folder)
        except FileNotFoundError:
            # Of a program for another volume, which has just ended.
            continue
        if not stat.S_ISDIR(about.st_mode) or about.st_uid not in ours or time.time() - about.st_mtime < 60:
            continue
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(os.path.join(folder, "s")) == errno.ECONNREFUSED:
                shutil.rmtree(folder, ignore_errors=True)


def serve(path, claim, operator):
    remove_abandoned()
    folder = request["folder"]
    os.mkdir(folder, 0o700)
    try:
        listener, pid_file = os.path.join(folder, "s"), os.path.join(folder, "pid")
        nbdkit = shutil.which("nbdkit", path=PATH)
        command = [nbdkit, "--foreground", "--unix", listener, "--pidfile", pid_file, "file", "file=" + path, "cache=none"]
        null = subprocess.DEVNULL
        server = subprocess.Popen(command, stdin=null, stdout=null, pass_fds=(claim,), preexec_fn=die_with_parent)
        try:
            pause = 0.01
            while server.poll() is None and not text_of(pid_file):
                if not operator.listen(pause):
                    return
                pause = min(pause * 1.25, 0.1)
            if server.poll() is None:
                hand_over(listener)
                hand_over(folder)
                tell(state="serving", pid=os.getpid(), server=server.pid)
            while server.poll() is None and operator.listen(0.25):
                pass
            if operator.is_there:
                tell(state="ended", status=server.returncode)
        finally:
            stop(server)
            os.close(claim)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def claim_and_serve(operator):
    found = devices_in_time(operator)
    if len(found) != 1:
        return tell(state="none" if not found else "several", paths=found)
    path = found[0]
    try:
        claim = os.open(path, os.O_RDWR | os.O_EXCL)
    except OSError as error:
        return tell(state="closed", path=path, error=errno.errorcode.get(error.errno), words=error.strerror)
    tell(state="claimed", path=path, facts=facts(path, claim))
    if operator.asks_to_serve():
        serve(path, claim, operator)


def end(*_):
    for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(one, signal.SIG_IGN)
    sys.exit(143)


for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(one, end)
tell(state="here", **machine())
if request["task"] == "claim":
    try:
        claim_and_serve(Operator())
    except OSError as error:
        tell(state="failed", words=str(error))
        sys.exit(1)
