// The types of training: `framing._native.Learner`, texts in, counts out (learn.h), and `framing._native.Product` (product.h).
#pragma once

#include "python.h"

namespace framing {

// Add the types to the module; false with Python's error set.
bool add_learner(PyObject *module);

}  // namespace framing
