"""Builds the kernel where there is a compiler; without one framing runs on its pure engine."""

import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

SOURCES = sorted(str(path) for path in Path("native").glob("*.cpp"))
HEADERS = sorted(str(path) for path in Path("native").glob("*.h"))
# -g0: else Python's own -g makes 8 MB of it; -ffp-contract=off: a product is rounded before it is added, as numpy's are
GNU = ["-O3", "-g0", "-std=c++17", "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden", "-ffp-contract=off"]
OPTIONS = ["/O2", "/std:c++17"] if sys.platform == "win32" else GNU


class Optional(build_ext):
    """A kernel that cannot be built is left out, and said to be."""

    def run(self) -> None:
        """Build all extensions, or say why not."""
        try:
            super().run()
        except Exception as error:  # whatever a missing or odd compiler raises
            self.distribution.ext_modules = []
            print(f"framing: no native kernel ({error}); the pure engine will run, with the same answers.", file=sys.stderr)

    def copy_extensions_to_source(self) -> None:
        """Beside the sources of an editable install, if there is anything to copy."""
        if all(Path(self.build_lib, self.get_ext_filename(extension.name)).exists() for extension in self.extensions):
            super().copy_extensions_to_source()


class Wheel(bdist_wheel):
    """Without a kernel a wheel is for any machine: py3-none-any."""

    def run(self) -> None:
        """Build first, and then say for whom the wheel is."""
        self.run_command("build")
        self.root_is_pure = not self.distribution.has_ext_modules()
        super().run()


kernel = Extension(
    "framing._native",
    SOURCES,
    depends=HEADERS,
    define_macros=[("Py_LIMITED_API", "0x030B0000")],
    extra_compile_args=OPTIONS,
    py_limited_api=True,
    language="c++",
)
setup(
    ext_modules=[kernel],
    cmdclass={"build_ext": Optional, "bdist_wheel": Wheel},
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
