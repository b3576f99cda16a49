#include "learner.h"

#include <string>

#include "learn.h"
#include "product.h"

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
    freed(object);
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
    return listed(places, [&, row = static_cast<Py_ssize_t>(before)](const Spot &place) mutable {
        return Py_BuildValue("(nIII)", row++, self->view->character(place.start), self->view->character(place.end), place.term);
    });
}

PyObject *bytes_of(const std::vector<int64_t> &numbers) {
    return PyBytes_FromStringAndSize(reinterpret_cast<const char *>(numbers.data()), static_cast<Py_ssize_t>(numbers.size() * sizeof(int64_t)));
}

PyObject *learner_counted(PyObject *object, PyObject *arguments) {
    unsigned int least;
    if (!PyArg_ParseTuple(arguments, "I", &least)) return nullptr;
    const Counted counted = self_of(object)->learner->counted(least);
    Ref terms(listed(counted.terms, [](const auto &term) { return PyUnicode_FromStringAndSize(term.data(), static_cast<Py_ssize_t>(term.size())); }));
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

// Products

struct ProductObject {
    PyObject_HEAD
    Product *product;
};

// A contiguous array of one kind of number, held while it is read or written.
class Array {
public:
    ~Array() {
        if (buffer.obj) PyBuffer_Release(&buffer);
    }
    bool read(PyObject *object, char kind, size_t size, size_t count, bool writes = false) {
        if (PyObject_GetBuffer(object, &buffer, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (writes ? PyBUF_WRITABLE : 0)) < 0) return false;
        const bool alike = buffer.format && buffer.format[0] == kind && buffer.format[1] == 0 && static_cast<size_t>(buffer.itemsize) == size;
        if (alike && (count == ANY || static_cast<size_t>(buffer.len) == count * size)) return true;
        PyErr_SetString(PyExc_ValueError, "an array is not of the numbers or the size that a product takes");
        return false;
    }
    size_t bytes() const { return static_cast<size_t>(buffer.len); }
    template <class T> std::vector<T> copy() const { return {static_cast<const T *>(buffer.buf), static_cast<const T *>(buffer.buf) + bytes() / sizeof(T)}; }
    double *doubles() const { return static_cast<double *>(buffer.buf); }
    static constexpr size_t ANY = ~size_t{0};

private:
    Py_buffer buffer{};
};

PyObject *product_new(PyTypeObject *type, PyObject *arguments, PyObject *) {
    PyObject *ends, *places, *values;
    Py_ssize_t columns;
    if (!PyArg_ParseTuple(arguments, "OOOn", &ends, &places, &values, &columns)) return nullptr;
    Array parts[3];
    if (!parts[0].read(ends, 'i', 4, Array::ANY) || !parts[1].read(places, 'i', 4, Array::ANY) || !parts[2].read(values, 'd', 8, Array::ANY)) return nullptr;
    const size_t count = columns < 0 ? 0 : static_cast<size_t>(columns);
    std::unique_ptr<Product> made = Product::build(parts[0].copy<int32_t>(), parts[1].copy<int32_t>(), parts[2].copy<double>(), count);
    if (!made) {
        PyErr_SetString(PyExc_ValueError, "ends, places and values are not those of sparse rows");
        return nullptr;
    }
    auto *self = reinterpret_cast<ProductObject *>(PyType_GenericAlloc(type, 0));
    if (self != nullptr) self->product = made.release();
    return reinterpret_cast<PyObject *>(self);
}

void product_dealloc(PyObject *object) {
    delete reinterpret_cast<ProductObject *>(object)->product;
    freed(object);
}

// Reads arrays of numbers, the last of which is written; false where one is not of its size.
template <size_t N> bool read_arrays(PyObject *const (&given)[N], const size_t (&counts)[N], Array (&arrays)[N]) {
    for (size_t i = 0; i < N; ++i)
        if (!arrays[i].read(given[i], 'd', 8, counts[i], i + 1 == N)) return false;
    return true;
}

bool some_scores(size_t scores) {
    if (scores > 0 && scores <= Product::MOST_SCORES) return true;
    PyErr_SetString(PyExc_ValueError, "a product has 1 to 8 scores");
    return false;
}

PyObject *product_scores(PyObject *object, PyObject *arguments) {
    const Product &product = *reinterpret_cast<ProductObject *>(object)->product;
    PyObject *given[2];
    unsigned int scores;
    if (!PyArg_ParseTuple(arguments, "IOO", &scores, &given[0], &given[1]) || !some_scores(scores)) return nullptr;
    Array arrays[2];
    if (!read_arrays(given, {scores * (product.columns + 1), scores * product.rows}, arrays)) return nullptr;
    Py_BEGIN_ALLOW_THREADS
    product.scores(scores, arrays[0].doubles(), arrays[1].doubles());
    Py_END_ALLOW_THREADS
    return shared(Py_None);
}

PyObject *product_sums(PyObject *object, PyObject *arguments) {
    const Product &product = *reinterpret_cast<ProductObject *>(object)->product;
    PyObject *given[2];
    unsigned int scores;
    int squared;
    if (!PyArg_ParseTuple(arguments, "IOpO", &scores, &given[0], &squared, &given[1]) || !some_scores(scores)) return nullptr;
    Array arrays[2];
    if (!read_arrays(given, {scores * product.rows, scores * (product.columns + 1)}, arrays)) return nullptr;
    Py_BEGIN_ALLOW_THREADS
    product.sums(scores, arrays[0].doubles(), squared != 0, arrays[1].doubles());
    Py_END_ALLOW_THREADS
    return shared(Py_None);
}

PyObject *product_step(PyObject *object, PyObject *arguments) {
    const Product &product = *reinterpret_cast<ProductObject *>(object)->product;
    PyObject *given[5];
    unsigned int scores, turns;
    double ridge, share;
    const bool parsed = PyArg_ParseTuple(arguments, "IOOOOddIO", &scores, &given[0], &given[1], &given[2], &given[3], &ridge, &share, &turns, &given[4]);
    if (!parsed || !some_scores(scores)) return nullptr;
    const size_t wide = scores * (product.columns + 1), tall = scores * product.rows;
    Array arrays[5];
    if (!read_arrays(given, {wide, wide, tall, tall, wide}, arrays)) return nullptr;
    const Newton asked{scores, arrays[0].doubles(), arrays[1].doubles(), arrays[2].doubles(), arrays[3].doubles(), ridge, share, turns};
    Py_BEGIN_ALLOW_THREADS
    product.step(asked, arrays[4].doubles());
    Py_END_ALLOW_THREADS
    return shared(Py_None);
}

PyMethodDef product_methods[] = {
    {"scores", product_scores, METH_VARARGS, "scores(count, weights, out): see native/product.h; fills the last"},
    {"sums", product_sums, METH_VARARGS, "sums(count, numbers, squared, out): likewise"},
    {"step", product_step, METH_VARARGS, "step(count, slope, scale, chances, weights, ridge, share, turns, out): likewise"},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot product_slots[] = {
    {Py_tp_doc, const_cast<char *>("Sparse rows: Product(ends, places, values, columns), int32 and float64. ValueError if they are none.")},
    {Py_tp_new, reinterpret_cast<void *>(product_new)},
    {Py_tp_dealloc, reinterpret_cast<void *>(product_dealloc)},
    {Py_tp_methods, product_methods},
    {0, nullptr},
};

PyType_Spec product_type = {"framing._native.Product", sizeof(ProductObject), 0, Py_TPFLAGS_DEFAULT, product_slots};

PyType_Spec learner_type = {"framing._native.Learner", sizeof(LearnerObject), 0, Py_TPFLAGS_DEFAULT, learner_slots};

}  // namespace

bool add_learner(PyObject *module) {
    Ref learner(PyType_FromSpec(&learner_type)), product(PyType_FromSpec(&product_type));
    return learner && product && PyModule_AddObjectRef(module, "Learner", learner.get()) == 0 && PyModule_AddObjectRef(module, "Product", product.get()) == 0;
}

}  // namespace framing
