// The type `framing._native.Learner`: texts in, counts out (learn.h).
#pragma once

#include "python.h"

namespace framing {

// Add the type to the module; false with Python's error set.
bool add_learner(PyObject *module);

}  // namespace framing
