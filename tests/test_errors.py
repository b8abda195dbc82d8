import pickle

from bakeoff.errors import StudyError, suggest


def test_a_long_list_is_cut_to_the_nearest():
    """Of very many names only the nearest are listed, with how many there are."""
    names = [f"Layer{number}" for number in range(100)] + ["Flatten", "Flat"]
    assert suggest("Flaten", names) == "did you mean 'Flatten'? Nearest of 102: Flatten, Flat"
    assert suggest("zzz", names) == "There are 102, none of them near"


def test_nothing_available():
    """An empty choice says so."""
    assert suggest("a", []) == "Nothing is available here"


def test_study_errors_survive_a_process_boundary():
    """A worker's study error arrives with message, path and place."""
    error = pickle.loads(pickle.dumps(StudyError("no.", path=("models", 2), where="a.yaml:3")))
    assert (error.message, error.path, error.where, str(error)) == ("no.", ("models", 2), "a.yaml:3", "a.yaml:3: no.")


def test_without_a_place_the_keys_stand_in():
    """Before file and line are known, the keys say where."""
    assert str(StudyError("no.", path=("models", "dense", 2))) == "models.dense.2: no."
