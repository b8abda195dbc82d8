import subprocess
import sys

FAKE = """
import sys, types
sys.modules["keras"] = types.SimpleNamespace(backend=types.SimpleNamespace(backend=lambda: {backend!r}))
"""


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_keras_on_another_backend_is_refused():
    """A process that has imported Keras with TensorFlow is told how to mend it, and its environment is left alone."""
    code = """
import os
from bakeoff.errors import WorkerError
os.environ.pop("KERAS_BACKEND", None)
try:
    import bakeoff.models.backend
except WorkerError as error:
    print(error, "KERAS_BACKEND" in os.environ)
"""
    done = _run(FAKE.format(backend="tensorflow") + code)
    assert "already imported Keras with the 'tensorflow' backend. Set KERAS_BACKEND=jax before" in done.stdout
    assert done.stdout.rstrip().endswith("False")


def test_keras_on_jax_is_accepted():
    """A process that already uses Keras on JAX can train."""
    done = _run(FAKE.format(backend="jax") + "import bakeoff.models.backend")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_backend_is_jax_whatever_the_environment_says():
    """A variable left over from another project does not change what Bakeoff trains with."""
    code = """
import os
os.environ["KERAS_BACKEND"] = "torch"
import bakeoff.models.backend, keras
print(keras.backend.backend())
"""
    assert _run(code).stdout == "jax\n"


def test_recipes_load_no_framework():
    """A study is read and expanded without Keras and JAX."""
    code = """
import sys
from bakeoff.models.recipes import expand_layers
from bakeoff.spec import read_study
for model in read_study("quickstart").models:
    expand_layers(model)
print({"keras", "jax"} & set(sys.modules))
"""
    assert _run(code).stdout == "set()\n"
