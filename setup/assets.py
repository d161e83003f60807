"""Styles, scripts and fonts of the pages: fetched by npm, proved twice, never typed into the repository.

`package-lock.json` proves the packages (SHA-512), `vendor.toml` the few files we take from them (SHA-256).
Packages are read as archives: unpacking all of them would write 15,000 files to keep 120.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from setup import ROOT
from setup.command import run
from setup.errors import AssetChanged, PackageChanged

THEME = ROOT / "core/web/theme"
LIST = THEME / "vendor.toml"
VENDOR = THEME / "static/vendor"

SYMBOL = re.compile(rb'<symbol id="tabler-([a-z0-9-]+)".*?</symbol>', re.DOTALL)


@dataclass(frozen=True)
class Asset:
    """One entry of vendor.toml: a file, a folder (`from` ends in /) or a sprite cut to the icons we use."""

    to: str
    package: str
    member: str
    sha256: str
    icons: tuple[str, ...] = ()

    @property
    def is_folder(self) -> bool:
        """Whether all files of a folder are meant."""
        return self.member.endswith("/")


def listed(path: Path = LIST) -> list[Asset]:
    """What vendor.toml asks for."""
    assets = []
    for row in tomllib.loads(path.read_text("utf-8"))["asset"]:
        words = row["from"].split("/")
        depth = 2 if words[0].startswith("@") else 1
        assets.append(
            Asset(
                to=row["to"],
                package="/".join(words[:depth]),
                member="/".join(words[depth:]),
                sha256=row["sha256"],
                icons=tuple(row.get("icons", ())),
            )
        )
    return assets


def digest(path: Path) -> str:
    """SHA-256 of a file, or of the `digest  name` lines of a folder; empty when there is none."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    if path.is_dir():
        lines = [f"{digest(file)}  {file.name}\n" for file in sorted(path.iterdir())]
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    return ""


def differing(assets: list[Asset], folder: Path = VENDOR) -> list[str]:
    """Names of assets that are missing or not what vendor.toml says."""
    return [asset.to for asset in assets if digest(folder / asset.to) != asset.sha256]


def fetch(npm: list[str], path_value: str) -> None:
    """Replace static/vendor by the listed assets; `npm` is the command, `path_value` the PATH it needs."""
    assets = listed()
    with tempfile.TemporaryDirectory(dir=THEME, prefix=".assets-") as folder:
        new = Path(folder) / "vendor"
        archives = _download(sorted({asset.package for asset in assets}), Path(folder), npm, path_value)
        _take(assets, archives, new)
        if changed := differing(assets, new):
            raise AssetChanged(
                f"not the reviewed files: {', '.join(changed)}; "
                "if you changed package.json or vendor.toml on purpose, review them and run `make lock`"
            )
        shutil.rmtree(VENDOR, ignore_errors=True)
        VENDOR.parent.mkdir(parents=True, exist_ok=True)
        new.rename(VENDOR)


def _download(packages: list[str], folder: Path, npm: list[str], path_value: str) -> dict[str, Path]:
    """Fetch the archives of the locked versions; each is known by its digest, not by its name."""
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    locked = {package: lock[f"node_modules/{package}"] for package in packages}
    specs = [f"{package}@{entry['version']}" for package, entry in locked.items()]
    run([*npm, "pack", "--pack-destination", folder, "--loglevel=error", *specs], env={"PATH": path_value})
    arrived = {_integrity(archive): archive for archive in folder.glob("*.tgz")}
    for package, entry in locked.items():
        if entry["integrity"] not in arrived:
            raise PackageChanged(
                f"the npm package {package} {entry['version']} is not the one in package-lock.json; "
                "do not go on, compare it with another machine first"
            )
    return {package: arrived[entry["integrity"]] for package, entry in locked.items()}


def _integrity(archive: Path) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()


def _take(assets: list[Asset], archives: dict[str, Path], folder: Path) -> None:
    """Copy the assets out of their packages, reading each archive once."""
    for package, archive in archives.items():
        mine = [asset for asset in assets if asset.package == package]
        with tarfile.open(archive) as tar:
            for info in tar:
                inside = info.name.partition("/")[2]
                parent, _, name = inside.rpartition("/")
                for asset in mine:
                    if not info.isfile() or asset.member not in (inside, f"{parent}/"):
                        continue
                    stream = tar.extractfile(info)
                    assert stream is not None  # a regular file always has content
                    target = folder / asset.to / name if asset.is_folder else folder / asset.to
                    target.parent.mkdir(parents=True, exist_ok=True)
                    content = stream.read()
                    target.write_bytes(_sprite(content, asset.icons) if asset.icons else content)


def _sprite(content: bytes, icons: tuple[str, ...]) -> bytes:
    """Only the symbols we use: 30 kB instead of 2.2 MB on every page."""
    symbols = {match[1].decode(): match[0] for match in SYMBOL.finditer(content)}
    if unknown := sorted(set(icons) - set(symbols)):
        raise AssetChanged(f"the icon set has no {', '.join(unknown)}; correct the list in vendor.toml")
    chosen = b"\n".join(symbols[icon] for icon in sorted(icons))
    return b'<svg xmlns="http://www.w3.org/2000/svg"><defs>\n' + chosen + b"\n</defs></svg>\n"


def rehash(npm: list[str], path_value: str) -> None:
    """Write the digests of the locked packages' files into vendor.toml (part of `make lock`)."""
    text = LIST.read_text("utf-8")
    with tempfile.TemporaryDirectory(dir=THEME, prefix=".assets-") as folder:
        assets, new = listed(), Path(folder) / "vendor"
        archives = _download(sorted({asset.package for asset in assets}), Path(folder), npm, path_value)
        _take(assets, archives, new)
        for asset in assets:
            block = rf'(to = "{re.escape(asset.to)}"\n(?:.+\n)*?sha256 = ")[0-9a-f]*'
            text = re.sub(block, rf"\g<1>{digest(new / asset.to)}", text)
    LIST.write_text(text, "utf-8")
