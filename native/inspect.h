// What the kernel's text layer sees, for tests: `framing._native.view`.
#pragma once

#include "python.h"

namespace framing {

// view(text: bytes) -> (trouble, sentences, voices, quoted, tokens, words, folded, bounds, language), in characters.
PyObject *inspect_view(PyObject *module, PyObject *text);

}  // namespace framing
