import subprocess
import sys


def test_the_server_loads_no_framework():
    """Networks work in another process: pages are answered by one that has neither Keras nor JAX."""
    code = "import sys, bakeoff.server.serving; print(sorted({'keras', 'jax', 'jaxlib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
