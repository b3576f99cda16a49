#include "cues.h"

namespace framing {

void Scene::read() {
    telling.clear();
    for (uint32_t k = 0; k < tokens.size(); ++k)
        if (trait(k) & (BEARING | CLAUSAL | WAS | IS)) telling.push_back(k);
}

}  // namespace framing
