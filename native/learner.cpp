#include "learner.h"

#include <string>

#include "learn.h"

namespace framing {
namespace {

struct LearnerObject {
    PyObject_HEAD
    Learner *learner;
    View *view;
};

LearnerObject *self_of(PyObject *object) { return reinterpret_cast<LearnerObject *>(object); }

bool term_lists(PyObject *lexicons, std::vector<TermList> &out) {
    PyObject *name = nullptr, *terms = nullptr;
    Py_ssize_t at = 0;
    while (PyDict_Next(lexicons, &at, &name, &terms)) {
        out.emplace_back();
        if (!viewed(name, out.back().name)) return false;
        PyObject *term = nullptr, *category = nullptr;
        Py_ssize_t place = 0;
        while (PyDict_Next(terms, &place, &term, &category)) {
            std::string_view words, value;
            if (!viewed(term, words) || !viewed(category, value)) return false;
            out.back().terms.emplace_back(words, value);
        }
    }
    return true;
}

PyObject *learner_new(PyTypeObject *type, PyObject *arguments, PyObject *) {
    PyObject *lists, *lexicons, *cues, *families;
    if (!PyArg_ParseTuple(arguments, "O!O!UO", &PyDict_Type, &lists, &PyDict_Type, &lexicons, &cues, &families)) return nullptr;
    ModelSpec spec;
    std::vector<TermList> terms;
    std::string_view name;
    Strings asked;
    if (!word_lists(lists, spec) || !term_lists(lexicons, terms) || !viewed(cues, name) || !strings(families, asked)) return nullptr;
    std::string why;
    std::unique_ptr<Learner> learner = Learner::build(spec, terms, name, asked, why);
    if (!learner) {
        PyErr_SetString(PyExc_ValueError, why.c_str());
        return nullptr;
    }
    auto *self = self_of(PyType_GenericAlloc(type, 0));
    if (self == nullptr) return nullptr;
    self->learner = learner.release();
    self->view = new View;
    return reinterpret_cast<PyObject *>(self);
}

void learner_dealloc(PyObject *object) {
    delete self_of(object)->learner;
    delete self_of(object)->view;
    PyTypeObject *type = Py_TYPE(object);
    reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

// Cut a text into the view, as one sentence if `joined`; false where it must be cleaned first, or with Python's error set.
bool ready(LearnerObject *self, PyObject *text, bool cleaned, bool joined) {
    std::string_view utf8;
    if (self->learner->full()) {
        PyErr_SetString(PyExc_OverflowError, "too many different words for the kernel; set FRAMING_PURE=1");
        return false;
    }
    if (!viewed(text, utf8)) {  // lone surrogates
        PyErr_Clear();
        return false;
    }
    if (cut(*self->view, utf8.data(), utf8.size()) & (cleaned ? ~UNCLEAN : ~0u)) return false;
    if (joined) join(*self->view);
    return true;
}

PyObject *unread() { return PyErr_Occurred() ? nullptr : shared(Py_None); }

// The number of the row that was added last, False where none was.
PyObject *row(LearnerObject *self, bool added) {
    return added ? PyLong_FromSize_t(self->learner->rows() - 1) : shared(Py_False);
}

PyObject *learner_article(PyObject *object, PyObject *arguments) {
    PyObject *text, *title;
    int cleaned = 0;
    if (!PyArg_ParseTuple(arguments, "UO|p", &text, &title, &cleaned)) return nullptr;
    Strings tokens;
    if (title != Py_None && !strings(title, tokens)) return nullptr;
    if (!ready(self_of(object), text, cleaned, false)) return unread();
    self_of(object)->learner->article(*self_of(object)->view, tokens);
    return row(self_of(object), true);
}

PyObject *learner_sentence(PyObject *object, PyObject *arguments) {
    PyObject *text, *types;
    int author, cleaned = 0;
    Strings cues;
    if (!PyArg_ParseTuple(arguments, "UpO|p", &text, &author, &types, &cleaned) || !strings(types, cues)) return nullptr;
    if (!ready(self_of(object), text, cleaned, true)) return unread();
    return row(self_of(object), self_of(object)->learner->sentence(*self_of(object)->view, author, cues));
}

PyObject *learner_around(PyObject *object, PyObject *arguments) {
    PyObject *text;
    unsigned int low, high;
    int cleaned = 0;
    if (!PyArg_ParseTuple(arguments, "U(II)|p", &text, &low, &high, &cleaned)) return nullptr;
    if (!ready(self_of(object), text, cleaned, true)) return unread();
    return row(self_of(object), self_of(object)->learner->around(*self_of(object)->view, {low, high}));
}

PyObject *learner_candidates(PyObject *object, PyObject *arguments) {
    PyObject *text;
    int cleaned = 0;
    if (!PyArg_ParseTuple(arguments, "U|p", &text, &cleaned)) return nullptr;
    LearnerObject *self = self_of(object);
    if (!ready(self, text, cleaned, true)) return unread();
    std::vector<Spot> places;
    const size_t before = self->learner->rows();
    self->learner->candidates(*self->view, places);
    Ref list(PyList_New(static_cast<Py_ssize_t>(places.size())));
    for (size_t i = 0; list && i < places.size(); ++i) {
        const Spot &place = places[i];
        PyObject *made = Py_BuildValue("(nIII)", static_cast<Py_ssize_t>(before + i), self->view->character(place.start), self->view->character(place.end), place.term);
        if (made == nullptr) return nullptr;
        PyList_SetItem(list.get(), static_cast<Py_ssize_t>(i), made);
    }
    return list.release();
}

PyObject *bytes_of(const std::vector<int64_t> &numbers) {
    return PyBytes_FromStringAndSize(reinterpret_cast<const char *>(numbers.data()), static_cast<Py_ssize_t>(numbers.size() * sizeof(int64_t)));
}

PyObject *learner_counted(PyObject *object, PyObject *arguments) {
    unsigned int least;
    if (!PyArg_ParseTuple(arguments, "I", &least)) return nullptr;
    const Counted counted = self_of(object)->learner->counted(least);
    Ref terms(PyList_New(static_cast<Py_ssize_t>(counted.terms.size())));
    for (size_t i = 0; terms && i < counted.terms.size(); ++i) {
        PyObject *term = PyUnicode_FromStringAndSize(counted.terms[i].data(), static_cast<Py_ssize_t>(counted.terms[i].size()));
        if (term == nullptr) return nullptr;
        PyList_SetItem(terms.get(), static_cast<Py_ssize_t>(i), term);
    }
    if (!terms) return nullptr;
    return Py_BuildValue("(NNNN)", terms.release(), bytes_of(counted.columns), bytes_of(counted.numbers), bytes_of(counted.ends));
}

PyMethodDef learner_methods[] = {
    {"article", learner_article, METH_VARARGS, "article(text, title tokens or None, cleaned=False) -> number of the row that was added; None: clean the text first"},
    {"sentence", learner_sentence, METH_VARARGS, "sentence(text, author, types of its cues, cleaned=False) -> likewise; False where there is no sentence"},
    {"around", learner_around, METH_VARARGS, "around(text, span in bytes, cleaned=False) -> likewise; False where the span holds no word"},
    {"candidates", learner_candidates, METH_VARARGS, "candidates(text, cleaned=False) -> (row, start, end, number of the term) of each"},
    {"counted", learner_counted, METH_VARARGS, "counted(least) -> terms of that many rows in order; columns, numbers, ends of the rows' entries as int64"},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot learner_slots[] = {
    {Py_tp_doc, const_cast<char *>("Counts of a corpus: Learner(word lists, lexicons, name of that of cues or \"\", families). ValueError for what the kernel does not count.")},
    {Py_tp_new, reinterpret_cast<void *>(learner_new)},
    {Py_tp_dealloc, reinterpret_cast<void *>(learner_dealloc)},
    {Py_tp_methods, learner_methods},
    {0, nullptr},
};

PyType_Spec learner_type = {"framing._native.Learner", sizeof(LearnerObject), 0, Py_TPFLAGS_DEFAULT, learner_slots};

}  // namespace

bool add_learner(PyObject *module) {
    Ref type(PyType_FromSpec(&learner_type));
    return type && PyModule_AddObjectRef(module, "Learner", type.get()) == 0;
}

}  // namespace framing
