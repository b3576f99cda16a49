// Is this text English? The counterpart of framing/language.py.
#pragma once

#include "view.h"

namespace framing {

// The language of a text: "en", another code, "und", or null where there is nothing to tell from.
const char *identify(const View &view);

}  // namespace framing
