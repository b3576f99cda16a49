#include "inspect.h"

#include "language.h"
#include "view.h"

namespace framing {
namespace {

PyObject *pair(uint32_t first, uint32_t second) { return Py_BuildValue("(II)", first, second); }

}  // namespace

PyObject *inspect_view(PyObject *, PyObject *text) {
    char *data = nullptr;
    Py_ssize_t size = 0;
    if (PyBytes_AsStringAndSize(text, &data, &size) < 0) return nullptr;
    View view;
    const uint32_t trouble = cut(view, data, static_cast<size_t>(size));
    const auto place = [&](Span span) { return pair(view.character(span.start), view.character(span.end)); };
    const auto string = [&](Span span) { return PyUnicode_DecodeUTF8(&view.lower[span.start], span.end - span.start, nullptr); };
    return Py_BuildValue("(INNNNNNNz)", trouble, listed(view.sentences, place),
                         listed(view.voices, [](uint8_t voice) { return PyLong_FromLong(voice); }), listed(view.quoted, place),
                         listed(view.tokens, place), listed(view.words, string), listed(view.folded, string),
                         listed(view.bounds, [](Span span) { return pair(span.start, span.end); }), identify(view));
}

}  // namespace framing
