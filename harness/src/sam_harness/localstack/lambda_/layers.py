"""A function's layers, laid over one another as Lambda lays them into /opt.

https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html says what of /opt is
on which path.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock

_lock = Lock()


def lay(layers: Sequence[Path], name: str) -> Path:
    """Return the directory that holds all ``layers``; of equal files the last counts.

    ``name`` is that of their content, under which the directory is found again.
    """
    opt = Path(tempfile.gettempdir()) / "lambda" / "layers" / name
    with _lock:
        if not opt.exists():
            draft = opt.with_name(f"{name}.draft")
            for layer in layers:
                shutil.copytree(layer, draft, dirs_exist_ok=True)
            draft.rename(opt)
    return opt


def variables(
    opt: Path, runtime: str, environment: Mapping[str, str]
) -> dict[str, str]:
    """Return what a function's environment has more with ``opt`` than without."""
    python = opt / "python"
    site = python / "lib" / runtime / "site-packages"
    paths = {
        "PYTHONPATH": [environment.get("PYTHONPATH"), str(site), str(python)],
        "PATH": [environment.get("PATH"), str(opt / "bin")],
        "LD_LIBRARY_PATH": [environment.get("LD_LIBRARY_PATH"), str(opt / "lib")],
    }
    return {
        name: os.pathsep.join(filter(None, places)) for name, places in paths.items()
    }
