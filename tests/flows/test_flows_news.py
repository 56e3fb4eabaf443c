"""News of folders, whatever their names are."""

import os
import select
from pathlib import Path

from flows.news import FolderNews


def heard(news: FolderNews) -> bool:
    there, _, _ = select.select([news], [], [], 0.2)
    news.drain()
    return bool(there)


def test_what_comes_into_a_watched_folder_is_heard_whatever_its_name(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"th\xf0 m\xf4c")
    folder.mkdir()
    news = FolderNews()
    assert news.watch([folder])
    assert not heard(news)
    (folder / os.fsdecode(b"m\xe0u 1.pdf")).touch()
    assert heard(news)
    news.close()


def test_folders_no_longer_wanted_are_not_watched(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    one.mkdir()
    two.mkdir()
    news = FolderNews()
    assert news.watch([one, two])
    assert not news.watch([two])
    assert len(news) == 1
    (one / "a").touch()
    assert not heard(news) or not heard(news)  # the kernel says once that a watch has gone
    (two / "a").touch()
    assert heard(news)
    news.close()


def test_a_folder_made_anew_is_watched_anew(tmp_path: Path) -> None:
    folder = tmp_path / "1"
    folder.mkdir()
    news = FolderNews()
    news.watch([tmp_path, folder])
    folder.rmdir()
    folder.mkdir()
    assert news.watch([tmp_path, folder]), "it is another folder: look again"
    news.drain()
    (folder / "a").touch()
    assert heard(news)
    news.close()


def test_links_are_not_watched_through_and_what_is_gone_is_no_trouble(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    news = FolderNews()
    news.watch([inside, inside / "link", inside / "none"])
    assert len(news) == 1
    assert not news.deaf
    news.close()
