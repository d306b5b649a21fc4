"""Set up .venv from requirements.lock: `python3 tools/setup_env.py` (the Makefile calls it).

Runs on the Python that a machine happens to have, before anything is installed, so it
uses the standard library only and keeps to syntax that an old Python can still parse
far enough to be told that it is too old.

Safe to interrupt (the stamp is written last) and to start twice at once (a file lock,
which the system releases when its holder dies).

It says each step before it starts, with how long it may take. The longest compiles every
module that was installed; uv gives up on a module after 60 seconds, which a busy machine can
need, so the limit is ten minutes here (UV_COMPILE_BYTECODE_TIMEOUT, in seconds, sets another).
"""

import hashlib
import os
import re
import subprocess
import sys
import time

MINIMUM = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
LOCK = os.path.join(ROOT, "requirements.lock")
STAMP = os.path.join(VENV, "installed-from")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
COMPILE_SECONDS = "600"


def say(message):
    sys.stderr.write("tradebalance set-up: " + message + "\n")
    sys.stderr.flush()


def refuse(message):
    say(message)
    sys.exit(1)


def check_machine():
    if sys.version_info < MINIMUM:
        refuse(
            "Python %d.%d or newer is needed, this is %s (%s). Install a newer one and name it: "
            "make PYTHON=python3.12 ..." % (MINIMUM + (sys.version.split()[0], sys.executable))
        )
    try:
        import ensurepip  # noqa: F401  (Debian ships Python without it)
        import venv  # noqa: F401
    except ImportError:
        refuse(
            "this Python has no working venv module. On Debian and Ubuntu: "
            "apt-get install python%d.%d-venv" % sys.version_info[:2]
        )


def wanted_stamp():
    """What the stamp must say: the lock, the package's own declaration, and this Python."""
    digest = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    digest.update(sys.version.encode())
    return digest.hexdigest() + "\n"


def installed_stamp():
    try:
        with open(STAMP) as file:
            return file.read()
    except OSError:
        return ""


def uv_requirement():
    """The lock's own block for uv, hashes included, as text that pip accepts."""
    with open(LOCK) as file:
        block = re.search(r"^uv==(?:.*\\\n)+.*\n", file.read(), re.MULTILINE)
    if not block:
        refuse("requirements.lock has no block for uv; run `make lock`")
    return block.group(0)


def run(*command):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["UV_LINK_MODE"] = "copy"  # a cache on another file system is common; not worth a warning
    environment.setdefault("UV_COMPILE_BYTECODE_TIMEOUT", COMPILE_SECONDS)
    subprocess.check_call(command, cwd=ROOT, env=environment)


def install():
    started = time.time()
    python = os.path.join(BIN, "python")
    say("once, into .venv; one to four minutes, more on a busy machine or a slow line")
    say("1 of 4: a virtual environment (5 to 20 seconds)")
    run(sys.executable, "-m", "venv", "--clear", VENV)
    say("2 of 4: uv, which installs the rest (5 to 20 seconds)")
    only_uv = os.path.join(VENV, "uv.lock.txt")
    with open(only_uv, "w") as file:
        file.write(uv_requirement())
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", only_uv)
    say("3 of 4: the packages of requirements.lock, checked by hash and compiled (1 to 4 minutes)")
    uv = [os.path.join(BIN, "uv"), "pip", "install", "--quiet", "--python", python]
    run(*(uv + ["--compile-bytecode", "--require-hashes", "-r", LOCK]))
    say("4 of 4: tradebalance itself (5 seconds)")
    run(*(uv + ["--no-deps", "--no-build-isolation", "-e", "."]))
    with open(STAMP + ".new", "w") as file:
        file.write(wanted_stamp())
    os.replace(STAMP + ".new", STAMP)
    say("done in %d seconds" % (time.time() - started))


def only_one_at_a_time():
    """Hold .venv.lock until this process ends."""
    handle = open(os.path.join(ROOT, ".venv.lock"), "w")
    try:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another set-up runs; waiting for it to end")
            fcntl.flock(handle, fcntl.LOCK_EX)
    except ImportError:  # Windows: no flock, and make is rarely started twice there
        pass
    return handle


def main():
    check_machine()
    if installed_stamp() == wanted_stamp():
        return
    handle = only_one_at_a_time()
    if installed_stamp() != wanted_stamp():  # another set-up may have finished while this one waited
        install()
    handle.close()


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        refuse("`%s` failed; nothing is marked as installed, run the same command again" % " ".join(error.cmd[:4]))
    except KeyboardInterrupt:
        sys.exit(130)
