// What the kernel's text layer sees, for tests: `framing._native.view`.
#pragma once

#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

namespace framing {

// view(text: bytes) -> (trouble, sentences, voices, quoted, tokens, words, folded, bounds, language), in characters.
PyObject *inspect_view(PyObject *module, PyObject *text);

}  // namespace framing
