import io
import tarfile

import numpy as np
import pytest

from bakeoff.data.cifar10 import TEST_MEMBERS, TRAIN_MEMBERS, read_archive
from bakeoff.errors import DataError


def _record(label, red, green, blue):
    planes = [np.full((32, 32), value, dtype=np.uint8) for value in (red, green, blue)]
    planes[0][0, 1] = 99  # row 0, column 1 of the red plane
    return bytes([label]) + b"".join(plane.tobytes() for plane in planes)


def _archive(members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if content is None:
                info.type = tarfile.DIRTYPE
            info.size = len(content or b"")
            archive.addfile(info, io.BytesIO(content or b""))
    return file.getvalue()


def _members():
    batches = {name: _record(2 * i, 1, 2, 3) + _record(2 * i + 1, 4, 5, 6) for i, name in enumerate(TRAIN_MEMBERS)}
    return {**batches, TEST_MEMBERS[0]: _record(7, 10, 20, 30)}


def test_records_become_images_with_channels_last():
    """Label, then the red, green and blue plane, row by row: the order of the data set's description."""
    dataset = read_archive(_archive(_members()))
    assert dataset.train_labels.tolist() == list(range(10))
    assert dataset.test_images[0, 5, 5].tolist() == [10, 20, 30]
    assert dataset.test_images[0, 0, 1].tolist() == [99, 20, 30]
    assert dataset.train_images[1, 0, 0].tolist() == [4, 5, 6]
    assert dataset.class_names[7] == "horse"
    assert dataset.image_shape == (32, 32, 3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({TEST_MEMBERS[0]: b"x" * 3072}, r"test_batch\.bin: expected records of 3073 bytes, found 3072 bytes"),
        ({TRAIN_MEMBERS[2]: b""}, r"data_batch_3\.bin: expected records of 3073 bytes, found 0 bytes"),
        ({TEST_MEMBERS[0]: None}, r"expected .*test_batch\.bin to be a file, found a folder"),
    ],
)
def test_a_damaged_member_is_named(change, words):
    """A member with a wrong length, or that is no file, is named."""
    with pytest.raises(DataError, match=words):
        read_archive(_archive({**_members(), **change}))


def test_a_missing_member_is_named():
    """An archive without one of the batches says which."""
    members = _members()
    del members[TRAIN_MEMBERS[4]]
    with pytest.raises(DataError, match=r"expected a tar archive with the file .*data_batch_5\.bin"):
        read_archive(_archive(members))


@pytest.mark.parametrize("content", [b"", b"no tar" * 200, _archive(_members())[:5000]])
def test_what_is_no_archive_is_refused(content):
    """Text and cut archives are refused."""
    with pytest.raises(DataError, match=r"cifar-10-binary\.tar\.gz: expected a tar archive|records of 3073"):
        read_archive(content)
