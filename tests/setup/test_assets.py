"""Styles, scripts and fonts arrive as reviewed or not at all."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from setup import ROOT, assets
from setup.errors import AssetChanged, PackageChanged

SPRITE = b"".join(b'<symbol id="tabler-%s"><path/></symbol>' % name for name in (b"bus", b"home", b"star"))
PAPER = {"dist/a.js": b"alert", "dist/img/1.png": b"one", "dist/img/2.png": b"two", "dist/sprite.svg": SPRITE}

VENDOR_TOML = """
[[asset]]
to = "a.js"
from = "@scope/paper/dist/a.js"
sha256 = ""

[[asset]]
to = "pictures/img"
from = "@scope/paper/dist/img/"
sha256 = ""

[[asset]]
to = "icons.svg"
from = "@scope/paper/dist/sprite.svg"
icons = ["bus", "home"]
sha256 = ""
"""


class Registry:
    """Stands in for npm: `pack` lays the package as it now is into the folder."""

    def __init__(self) -> None:
        self.content = dict(PAPER)

    def archive(self, path: Path) -> Path:
        with tarfile.open(path, "w") as tar:  # gzip would put the time in
            for name, content in sorted(self.content.items()):
                info = tarfile.TarInfo(f"package/{name}")
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        return path

    def run(self, command: list[str | Path], **_: object) -> str:
        assert command[1] == "pack"
        assert command[-1] == "@scope/paper@1.0.0"
        self.archive(Path(command[command.index("--pack-destination") + 1]) / "anything.tgz")
        return ""

    def lock(self, root: Path) -> None:
        integrity = assets._integrity(self.archive(root / "locked.tgz"))
        packages = {"node_modules/@scope/paper": {"version": "1.0.0", "integrity": integrity}}
        (root / "package-lock.json").write_text(json.dumps({"packages": packages}))


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    npm = Registry()
    npm.lock(tmp_path)
    (tmp_path / "vendor.toml").write_text(VENDOR_TOML)
    monkeypatch.setattr(assets, "ROOT", tmp_path)
    monkeypatch.setattr(assets, "THEME", tmp_path)
    monkeypatch.setattr(assets, "LIST", tmp_path / "vendor.toml")
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "static/vendor")
    monkeypatch.setattr(assets, "run", npm.run)
    monkeypatch.setattr(assets.listed, "__defaults__", (tmp_path / "vendor.toml",))
    monkeypatch.setattr(assets.differing, "__defaults__", (tmp_path / "static/vendor",))
    return npm


def test_digests_once_written_let_the_same_files_in(registry: Registry) -> None:
    assets.rehash(["npm"], "")
    assets.fetch(["npm"], "")
    assert assets.differing(assets.listed()) == []
    assert (assets.VENDOR / "a.js").read_bytes() == b"alert"
    assert sorted(path.name for path in (assets.VENDOR / "pictures/img").iterdir()) == ["1.png", "2.png"]


def test_the_sprite_holds_the_listed_icons_and_no_other(registry: Registry) -> None:
    assets.rehash(["npm"], "")
    assets.fetch(["npm"], "")
    sprite = (assets.VENDOR / "icons.svg").read_text()
    assert "tabler-bus" in sprite
    assert "tabler-home" in sprite
    assert "tabler-star" not in sprite


def test_another_package_under_the_same_version_is_refused(registry: Registry) -> None:
    assets.rehash(["npm"], "")
    registry.content["dist/a.js"] = b"evil"
    with pytest.raises(PackageChanged, match=r"@scope/paper 1\.0\.0 is not the one in package-lock\.json"):
        assets.fetch(["npm"], "")


def test_a_file_that_was_not_reviewed_leaves_the_old_ones_in_place(
    registry: Registry, tmp_path: Path
) -> None:
    assets.rehash(["npm"], "")
    assets.fetch(["npm"], "")
    registry.content["dist/a.js"] = b"newer"
    registry.lock(tmp_path)
    with pytest.raises(AssetChanged, match=r"not the reviewed files: a\.js;"):
        assets.fetch(["npm"], "")
    assert (assets.VENDOR / "a.js").read_bytes() == b"alert"


def test_an_icon_the_set_does_not_have_is_named(registry: Registry) -> None:
    assets.LIST.write_text(VENDOR_TOML.replace('"bus"', '"buss"'))
    with pytest.raises(AssetChanged, match="the icon set has no buss"):
        assets.fetch(["npm"], "")


@pytest.mark.parametrize("harm", ["delete", "change", "add"])
def test_a_touched_asset_is_noticed(registry: Registry, harm: str) -> None:
    assets.rehash(["npm"], "")
    assets.fetch(["npm"], "")
    picture = assets.VENDOR / "pictures/img/1.png"
    match harm:
        case "delete":
            picture.unlink()
        case "change":
            picture.write_bytes(b"other")
        case "add":
            picture.with_name("3.png").write_bytes(b"three")
    assert assets.differing(assets.listed()) == ["pictures/img"]


def test_this_machine_has_exactly_the_reviewed_assets() -> None:
    assert assets.differing(assets.listed()) == []


def test_the_lock_holds_a_digest_for_every_package_we_take_from() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for asset in assets.listed():
        assert lock[f"node_modules/{asset.package}"]["integrity"].startswith("sha512-"), asset
