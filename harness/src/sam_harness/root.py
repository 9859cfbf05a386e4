"""Give a process a file system of its own, with no rights that its user has not.

In a user and a mount namespace of its own (user_namespaces(7), mount_namespaces(7)) the
process sees this machine's files, all of them read-only, but what it is given in their
place. Nothing is left of it on this machine: namespaces end with their processes.
Linux from 5.12 on, where ordinary users may make user namespaces.

``sam_harness.processes`` imports it between fork and exec, hence so little else.
"""

from __future__ import annotations

import ctypes
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_NAMESPACES = {"user": os.CLONE_NEWUSER, "mnt": os.CLONE_NEWNS}
_libc = ctypes.CDLL(None, use_errno=True)
_HOST = "/.host"  # where this machine's root is, until the new one is complete
_TMP = "/tmp"  # noqa: S108 - the process's own
# <linux/mount.h>
_NOSUID_NODEV, _BIND, _REC, _SLAVE = 2 | 4, 1 << 12, 1 << 14, 1 << 19
_DETACH = 2
_MOUNT_SETATTR, _HERE, _RECURSIVE, _READ_ONLY = 442, -100, 0x8000, 1


def enter(wanted: Mapping[str, Any]) -> None:
    """Move this process, which has one thread, into a root of its own.

    ``wanted``: ``shown``, by path the path of this machine that is seen there, empty:
    nothing is; ``tmp_mb``, how much its /tmp takes; ``needed``, as ``shown``, of what
    only matters where it is hidden else; ``joined``, instead of all that, the root
    that ``held`` has kept, as paths of its descriptors.

    Raises:
        OSError: this system does not allow it.
    """
    if joined := [os.open(path, os.O_RDONLY) for path in wanted["joined"]]:
        for descriptor, kind in zip(joined, _NAMESPACES.values(), strict=True):
            os.setns(descriptor, kind)
        return
    shown = {_TMP: "", **wanted["shown"]}
    _leave()
    _mirror("/", shown)
    size = f"size={wanted['tmp_mb']}m".encode()
    _call("mount", b"tmpfs", _TMP.encode(), b"tmpfs", _NOSUID_NODEV, size)
    for path, source in shown.items():
        if source:
            _show(source, path)
    for path, source in wanted["needed"].items():
        if not os.path.exists(path):  # noqa: PTH110 - its import
            _show(source, path)
    _call("umount2", _HOST.encode(), _DETACH)
    os.rmdir(_HOST)  # noqa: PTH106 - its import
    _set("/", _RECURSIVE, (_READ_ONLY, 0))
    _set(_TMP, 0, (0, _READ_ONLY))


def held(pid: int) -> list[int]:
    """Return what keeps a process's root when it ends: descriptors, to be closed.

    Raises:
        OSError: it has ended already.
    """
    return [os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY) for name in _NAMESPACES]


def _leave() -> None:
    """Have an empty root, with this machine's in a folder of it."""
    user, group = os.geteuid(), os.getegid()
    os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNS)
    for name, said in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 - its import
            file.write(said)
    _call("mount", None, b"/", None, _REC | _SLAVE, None)
    _call("mount", b"tmpfs", _TMP.encode(), b"tmpfs", _NOSUID_NODEV, b"mode=755")
    os.mkdir(_TMP + _HOST)  # noqa: PTH102 - its import
    # What is mounted there becomes the root, which uncovers this machine's /tmp.
    _call("pivot_root", _TMP.encode(), (_TMP + _HOST).encode())
    os.chdir("/")


def _mirror(folder: str, shown: Mapping[str, str]) -> None:
    """Show what this machine has in ``folder``; make place for what is ``shown``."""
    below = [one[len(folder) :] for one in shown if one.startswith(folder)]
    own = {one.partition("/")[0] for one in below}
    for entry in os.scandir(_HOST + folder):
        if entry.name in own:
            continue
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), folder + entry.name)  # noqa: PTH115, PTH211 - its import
        else:
            _show(folder + entry.name, folder + entry.name)
    for name in own:
        path = folder + name
        os.mkdir(path)  # noqa: PTH102 - its import
        if path not in shown:
            _mirror(f"{path}/", shown)


def _show(source: str, path: str) -> None:
    is_folder = os.path.isdir(_HOST + source)  # noqa: PTH112 - its import
    os.makedirs(path if is_folder else os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - its import
    if not is_folder:
        os.close(os.open(path, os.O_CREAT))
    _call("mount", (_HOST + source).encode(), path.encode(), None, _BIND | _REC, None)


def _set(path: str, below: int, change: tuple[int, int]) -> None:
    """Set and clear attributes of a mount."""
    attributes = (ctypes.c_uint64 * 4)(*change)
    # By its number: glibc knows the name since 2.36.
    _call("syscall", _MOUNT_SETATTR, _HERE, path.encode(), below, attributes, 32)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
