import dataclasses
import gzip
import hashlib
import http.server
import os
import re
import threading

import pytest

from bakeoff.data import cifar10, fashion_mnist, kmnist, load_dataset, mnist
from bakeoff.data.files import WantedFile, obtain, read_unpacked
from bakeoff.errors import DataError

CONTENT = b"\0\0\x08\x01" + bytes(range(200)) * 20
PACKED = gzip.compress(CONTENT, mtime=0)
CONTENT_CHECKSUM = "sha256:" + hashlib.sha256(CONTENT).hexdigest()
PACKED_CHECKSUM = "md5:" + hashlib.md5(PACKED).hexdigest()
NAME = "train-labels-idx1-ubyte.gz"


class Mirror:
    """A loopback server: `files` maps paths to what is answered, `asked` lists the paths asked for."""

    def __init__(self):
        """Start to listen on a free port."""
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                mirror.asked.append(self.path)
                body = mirror.files.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                """Silent."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def url(self, folder: str) -> str:
        """The address of a folder, ending in a slash."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/{folder}/"

    def close(self) -> None:
        """Stop listening; a second call does nothing."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def mirror():
    """A server on this machine that knows no file yet."""
    server = Mirror()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, no BAKEOFF_DATA and no proxy: nothing of the person who runs the tests is read or written."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache" / project)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("BAKEOFF_DATA", raising=False)
    return tmp_path / "cache" / "bakeoff" / "mnist"


def _wanted(*mirrors, of="content", **changes):
    return WantedFile(
        dataset="mnist",
        name=NAME,
        checksum=CONTENT_CHECKSUM if of == "content" else PACKED_CHECKSUM,
        checksum_of=of,
        mirrors=mirrors,
        **changes,
    )


@pytest.mark.parametrize(("name", "content"), [(NAME, PACKED), (NAME.removesuffix(".gz"), CONTENT)])
def test_a_file_in_the_users_folder_is_found(tmp_path, monkeypatch, name, content):
    """BAKEOFF_DATA may name several folders, and the file may be unpacked."""
    (tmp_path / "two" / "mnist").mkdir(parents=True)
    (tmp_path / "two" / "mnist" / name).write_bytes(content)
    monkeypatch.setenv("BAKEOFF_DATA", os.pathsep.join([str(tmp_path / "one"), str(tmp_path / "two")]))
    assert obtain(_wanted()) == CONTENT


def test_the_users_folder_comes_before_the_system_and_the_net(tmp_path, monkeypatch, mirror):
    """A sound file of the user is taken; neither the system's folder nor a mirror is looked at."""
    (tmp_path / "mine" / "mnist").mkdir(parents=True)
    (tmp_path / "mine" / "mnist" / NAME).write_bytes(PACKED)
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / NAME).write_bytes(b"\x1f\x8bdamaged")
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "mine"))
    assert obtain(_wanted(mirror.url("a"), system_folders=(str(tmp_path / "system"),))) == CONTENT
    assert mirror.asked == []


def test_a_system_package_is_used(tmp_path):
    """Where the operating system has the file, nothing is fetched."""
    (tmp_path / NAME).write_bytes(PACKED)
    assert obtain(_wanted(system_folders=(str(tmp_path),))) == CONTENT


def test_a_download_is_kept(mirror, cache):
    """A fetched file lies in the cache, and the second time no server is asked."""
    mirror.files[f"/a/{NAME}"] = PACKED
    assert obtain(_wanted(mirror.url("a"))) == CONTENT
    assert obtain(_wanted(mirror.url("a"))) == CONTENT
    assert mirror.asked == [f"/a/{NAME}"]
    assert [entry.name for entry in cache.iterdir()] == [NAME]


def test_a_wrong_download_is_removed_and_the_next_mirror_tried(mirror, cache):
    """A mirror with another file, one without it and one with half of it lead to the fourth; only its file stays."""
    mirror.files[f"/a/{NAME}"] = gzip.compress(b"another file", mtime=0)
    mirror.files[f"/c/{NAME}"] = PACKED[:100]
    mirror.files[f"/d/{NAME}"] = PACKED
    assert obtain(_wanted(*(mirror.url(folder) for folder in "abcd"))) == CONTENT
    assert mirror.asked == [f"/{folder}/{NAME}" for folder in "abcd"]
    assert {entry.name: entry.read_bytes() for entry in cache.iterdir()} == {NAME: PACKED}


def test_a_mirror_that_packs_anew_is_trusted_by_content(mirror):
    """Another compression of the same content passes a checksum of the content."""
    mirror.files[f"/a/{NAME}"] = gzip.compress(CONTENT, compresslevel=1, mtime=0)
    assert obtain(_wanted(mirror.url("a"))) == CONTENT


def test_a_checksum_of_the_file_is_of_the_packed_bytes(mirror):
    """For a checksum of the file another compression fails, and the published one passes and is unpacked."""
    mirror.files[f"/a/{NAME}"] = gzip.compress(CONTENT, compresslevel=1, mtime=0)
    mirror.files[f"/b/{NAME}"] = PACKED
    assert obtain(_wanted(mirror.url("a"), mirror.url("b"), of="file")) == CONTENT
    assert len(mirror.asked) == 2


def test_a_damaged_file_in_the_cache_is_fetched_anew(mirror, cache):
    """The cache heals itself."""
    cache.mkdir(parents=True)
    (cache / NAME).write_bytes(PACKED[:50])
    mirror.files[f"/a/{NAME}"] = PACKED
    assert obtain(_wanted(mirror.url("a"))) == CONTENT
    assert (cache / NAME).read_bytes() == PACKED


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (PACKED[:100], "expected a whole gzip file, found a damaged one of 100 bytes"),
        (PACKED[:20] + b"\0\0\0\0" + PACKED[24:], "expected a whole gzip file, found a damaged one"),
        (b"\x1f\x8bno gzip at all", "expected a whole gzip file"),
        (gzip.compress(b"other", mtime=0), f"expected {CONTENT_CHECKSUM.replace(':', ' ')} of the content, found "),
    ],
)
def test_a_damaged_file_of_the_user_is_an_error(tmp_path, monkeypatch, content, words):
    """Bad gzip or a wrong checksum names the file, what was expected and what was found; it is not passed over."""
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / NAME).write_bytes(content)
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path))
    with pytest.raises(DataError, match=words) as caught:
        obtain(_wanted())
    assert str(caught.value).startswith(str(tmp_path / "mnist" / NAME))
    assert (tmp_path / "mnist" / NAME).exists()


def test_a_wrong_checksum_shows_both(tmp_path, monkeypatch):
    """Expected and found checksum stand in the message."""
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / NAME).write_bytes(gzip.compress(b"other", mtime=0))
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path))
    found = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(DataError, match=rf"expected sha256 {CONTENT_CHECKSUM[7:]} of the content, found {found} \(5 b"):
        obtain(_wanted())


def test_without_a_network_the_message_says_what_to_do(tmp_path, monkeypatch, mirror, cache):
    """The error names the file, its checksum, the folders searched, the mirrors' answers and BAKEOFF_DATA."""
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "mine"))
    url = mirror.url("a")
    mirror.close()
    with pytest.raises(DataError) as caught:
        obtain(_wanted(url, system_folders=("/nowhere/system",)))
    message = str(caught.value)
    for words in (
        NAME,
        CONTENT_CHECKSUM[7:],
        str(tmp_path / "mine" / "mnist"),
        "/nowhere/system",
        str(cache),
        url.split("/")[2],
    ):
        assert words in message
    assert re.search(r"Put it into FOLDER/mnist/ and set the environment variable BAKEOFF_DATA to FOLDER$", message)
    assert list(cache.glob("*")) == []


def test_an_unreadable_file_is_named(tmp_path):
    """A path that cannot be read is an error that a user can mend."""
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_unpacked(tmp_path)


@pytest.mark.parametrize("module", [mnist, fashion_mnist, kmnist])
def test_published_data_sets_come_through_their_four_files(tmp_path, monkeypatch, module):
    """Each loads from BAKEOFF_DATA and refuses files that are not the published ones."""
    wanted = module.FILES["train_images"]
    (tmp_path / wanted.dataset).mkdir()
    (tmp_path / wanted.dataset / wanted.name).write_bytes(PACKED)
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path))
    expected = wanted.checksum.partition(":")[2]
    with pytest.raises(DataError, match=f"expected {wanted.checksum[:3]}.* {expected} of the {wanted.checksum_of}"):
        load_dataset(wanted.dataset)


def _stand_ins(folder, files):
    """Four small files in place of the published ones, and the files wanted with their checksums."""
    images = b"\0\0\x08\x03\0\0\0\x0a\0\0\0\x01\0\0\0\x01" + bytes(range(10))
    labels = b"\0\0\x08\x01\0\0\0\x0a" + bytes(range(10))
    changed = {}
    for part, wanted in files.items():
        content = images if part.endswith("images") else labels
        packed = gzip.compress(content, mtime=0)
        (folder / wanted.dataset).mkdir(exist_ok=True)
        (folder / wanted.dataset / wanted.name).write_bytes(packed)
        hashed = content if wanted.checksum_of == "content" else packed
        changed[part] = dataclasses.replace(wanted, checksum=f"sha256:{hashlib.sha256(hashed).hexdigest()}")
    return changed


@pytest.mark.parametrize("module", [mnist, fashion_mnist, kmnist])
def test_published_data_sets_put_their_files_together(tmp_path, monkeypatch, module):
    """Images, labels and class names of the four files become one data set of that name."""
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path))
    name = module.FILES["train_images"].dataset
    monkeypatch.setattr(module, "FILES", _stand_ins(tmp_path, module.FILES))
    dataset = load_dataset(name)
    assert (dataset.name, dataset.classes, dataset.image_shape) == (name, 10, (1, 1, 1))
    assert dataset.test_images.ravel().tolist() == dataset.test_labels.tolist() == list(range(10))


def test_cifar10_refuses_another_archive(tmp_path, monkeypatch):
    """The archive is checked before it is opened."""
    (tmp_path / "cifar10").mkdir()
    (tmp_path / "cifar10" / cifar10.ARCHIVE.name).write_bytes(PACKED)
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"cifar-10-binary\.tar\.gz: expected md5 c32a1d4ab5d03f1284b67883e8d87530"):
        load_dataset("cifar10")


def test_no_connection_is_said_in_three_words(tmp_path, monkeypatch):
    """Without a network the message names the mirror's host, not the libraries' inner life."""
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    wanted = WantedFile("toys", "toy.bin", "md5:0", mirrors=("http://127.0.0.1:9/",), checksum_of="file")
    with pytest.raises(DataError, match=r"could not be fetched \(no connection to 127\.0\.0\.1:9\)\. Put it into"):
        obtain(wanted)
