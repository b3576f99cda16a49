// The extension module `framing._native`: Python's model in, Python's results out. All that scores runs without the GIL.

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "inspect.h"
#include "language.h"
#include "learn.h"
#include "learner.h"
#include "python.h"
#include "score.h"

namespace framing {
namespace {

const char *const REASONS[] = {nullptr, "empty", "language", "too_short", "unknown_words", "no_target"};
const char *const HEDGINGS[] = {"plain", "hedged", "heavily hedged"};

// Names of attributes and values, made once.
struct Names {
    Ref prediction[5], sentence[9], cue[7];
    Ref reasons[6], hedgings[3], voices[2], plain, hedged, ok, abstained, empty;
};

struct HeadNames {
    std::string name;
    std::vector<Ref> labels;
};

struct KernelObject {
    PyObject_HEAD
    const Kernel *kernel;
    Names *names;
    std::vector<HeadNames> *heads;     // ModelSpec::heads
    std::vector<Ref> *types;           // ModelSpec::types
    std::vector<ScratchHandle> *idle;  // scratches that no thread uses; the GIL guards them
    PyObject *prediction, *sentence, *cue;
    int tone, frames;                  // of Kernel::article, -1 for none
    int rate_of[2];                    // of Kernel::sentence: vague, attributed; -1 for none
};

// Reading Python's objects.

// Buffers that must stay until the kernel is built.
struct Buffers {
    std::vector<std::unique_ptr<Py_buffer>> held;
    ~Buffers() {
        for (auto &buffer : held) PyBuffer_Release(buffer.get());
    }
};

bool tensor(PyObject *tensors, const std::string &name, Buffers &buffers, Tensor &out) {
    PyObject *pair = field(tensors, name.c_str());
    if (pair == nullptr) return false;
    Ref kind(PySequence_GetItem(pair, 0)), data(PySequence_GetItem(pair, 1));
    std::string_view letter;
    if (!kind || !data || !viewed(kind.get(), letter)) return false;
    auto buffer = std::make_unique<Py_buffer>();
    if (PyObject_GetBuffer(data.get(), buffer.get(), PyBUF_SIMPLE) < 0) return false;
    out = {static_cast<const unsigned char *>(buffer->buf), static_cast<size_t>(buffer->len), letter.empty() ? '?' : letter[0]};
    buffers.held.push_back(std::move(buffer));
    return true;
}

bool head_spec(PyObject *spec, PyObject *tensors, Buffers &buffers, HeadSpec &out) {
    PyObject *name = field(spec, "name"), *level = field(spec, "level"), *labels = field(spec, "labels");
    PyObject *families = field(spec, "families"), *several = field(spec, "several"), *thresholds = field(spec, "thresholds");
    if (!name || !level || !labels || !families || !several || !thresholds) return false;
    if (!viewed(name, out.name) || !viewed(level, out.level) || !strings(labels, out.labels) || !strings(families, out.families)) return false;
    out.several = PyObject_IsTrue(several) == 1;
    for (Py_ssize_t i = 0, n = PySequence_Size(thresholds); i < n; ++i) {
        Ref value(PySequence_GetItem(thresholds, i));
        if (!value) return false;
        out.thresholds.push_back(PyFloat_AsDouble(value.get()));
    }
    const std::string whole(out.name);
    if (out.level == "cue" && out.name.substr(0, 4) == "cue_") out.name.remove_prefix(4);
    return !PyErr_Occurred() && tensor(tensors, whole + "/known", buffers, out.known) && tensor(tensors, whole + "/idf", buffers, out.idf) &&
           tensor(tensors, whole + "/coef", buffers, out.coef) && tensor(tensors, whole + "/intercept", buffers, out.intercept);
}

bool head_specs(PyObject *list, PyObject *tensors, Buffers &buffers, std::vector<HeadSpec> &out) {
    if (list == nullptr) return false;
    for (Py_ssize_t i = 0, n = PyList_Size(list); i < n; ++i) {
        out.emplace_back();
        PyObject *item = PyList_GetItem(list, i);
        if (!PyDict_Check(item) || !head_spec(item, tensors, buffers, out.back())) return false;
    }
    return !PyErr_Occurred();
}

bool lexicon_specs(PyObject *list, PyObject *tensors, Buffers &buffers, std::vector<LexiconSpec> &out) {
    if (list == nullptr) return false;
    for (Py_ssize_t i = 0, n = PyList_Size(list); i < n; ++i) {
        LexiconSpec one;
        if (!viewed(PyList_GetItem(list, i), one.name)) return false;
        if (!tensor(tensors, "lexicon/" + std::string(one.name), buffers, one.terms)) return false;
        out.push_back(one);
    }
    return !PyErr_Occurred();
}

// Making Python's objects.

// An instance of a frozen dataclass with slots, its fields set in order; steals the values.
template <size_t N> PyObject *instance(PyObject *type, const Ref (&names)[N], PyObject *(&values)[N]) {
    PyObject *made = PyType_GenericAlloc(reinterpret_cast<PyTypeObject *>(type), 0);
    bool good = made != nullptr;
    for (size_t i = 0; i < N; ++i) {
        good = good && values[i] != nullptr && PyObject_GenericSetAttr(made, names[i].get(), values[i]) == 0;
        Py_XDECREF(values[i]);
    }
    if (good) return made;
    Py_XDECREF(made);
    return nullptr;
}

PyObject *reason_of(const KernelObject *self, Reason reason) {
    return shared(reason == Reason::NONE ? Py_None : self->names->reasons[static_cast<int>(reason)].get());
}

PyObject *chances_dict(const std::vector<Ref> &labels, const double *chances) {
    Ref dict(PyDict_New());
    for (size_t i = 0; dict && i < labels.size(); ++i) {
        Ref value(PyFloat_FromDouble(chances[i]));
        if (!value || PyDict_SetItem(dict.get(), labels[i].get(), value.get()) < 0) return nullptr;
    }
    return dict.release();
}

PyObject *made_prediction(const KernelObject *self, PyObject *label, double probability, PyObject *chances, double score) {
    PyObject *values[] = {shared(label), PyFloat_FromDouble(probability), chances, PyFloat_FromDouble(score), shared(Py_None)};
    return instance(self->prediction, self->names->prediction, values);
}

PyObject *prediction(const KernelObject *self, const Label &label, const std::vector<Ref> &labels, const double *chances) {
    if (label.label < 0) {
        PyObject *values[] = {shared(Py_None), shared(Py_None), PyDict_New(), shared(Py_None), reason_of(self, label.reason)};
        return instance(self->prediction, self->names->prediction, values);
    }
    return made_prediction(self, labels[static_cast<size_t>(label.label)].get(), label.probability, chances_dict(labels, chances), label.score);
}

PyObject *hedged(const KernelObject *self, const Result &result, size_t number) {
    const Label &label = result.hedged[number];
    if (label.label < 0) return prediction(self, label, {}, nullptr);
    const double chance = result.hedged_chances[number];
    Ref dict(PyDict_New()), no(PyFloat_FromDouble(1 - chance)), yes(PyFloat_FromDouble(chance));
    const Names &names = *self->names;
    if (!dict || !no || !yes || PyDict_SetItem(dict.get(), names.plain.get(), no.get()) < 0 ||
        PyDict_SetItem(dict.get(), names.hedged.get(), yes.get()) < 0)
        return nullptr;
    return made_prediction(self, (label.label ? names.hedged : names.plain).get(), label.probability, dict.release(), label.score);
}

// From a cleaned text back to the caller's (framing.text.Way): arrays of where each stretch begins in either, and what it stands for.
class Way {
public:
    // False, with an exception, for anything else.
    bool read(PyObject *places, PyObject *offsets, PyObject *widths) {
        if (!array(places, 0) || !array(offsets, 1) || !array(widths, 2)) return false;
        if (count[0] && count[1] == count[0] && count[2] == count[0] && rows[0][0] == 0) return true;
        PyErr_SetString(PyExc_ValueError, "a way has a place, an offset and a width for each stretch, the first at 0");
        return false;
    }
    uint32_t start(uint32_t place) const {
        const size_t at = stretch(place);
        return !count[0] ? place : rows[1][at] + (rows[2][at] ? 0 : place - rows[0][at]);
    }
    // Where the character before a place ends.
    uint32_t end(uint32_t place) const {
        const size_t at = stretch(place - 1);
        return !count[0] ? place : rows[1][at] + (rows[2][at] ? rows[2][at] : place - rows[0][at]);
    }

private:
    Buffers buffers;
    const uint32_t *rows[3] = {};
    size_t count[3] = {};  // nothing for a text that was not cleaned

    bool array(PyObject *object, size_t number) {
        auto buffer = std::make_unique<Py_buffer>();
        if (PyObject_GetBuffer(object, buffer.get(), PyBUF_ND) < 0) return false;
        rows[number] = static_cast<const uint32_t *>(buffer->buf);
        count[number] = buffer->itemsize == 4 ? static_cast<size_t>(buffer->len) / 4 : 0;
        buffers.held.push_back(std::move(buffer));
        return true;
    }
    size_t stretch(uint32_t place) const {
        return count[0] ? static_cast<size_t>(std::upper_bound(rows[0] + 1, rows[0] + count[0], place) - rows[0]) - 1 : 0;
    }
};

// Predictions of the sentences of one text. What a head says alike of many is one object: else a text with a sentence every few characters
// would take over two kilobytes for each.
class Answers {
public:
    explicit Answers(size_t sentences) {
        while (bits < MOST && (size_t(1) << bits) < sentences) ++bits;
        rows.resize(FIELDS << bits);
    }
    // What was made for the same label and chances in this field of a sentence, or what `make` gives. The chances must outlive this.
    template <class Make> PyObject *once(size_t field, const Label &label, const double *chances, size_t n, Make make) {
        Answer &kept = rows[(field << bits) + place(label.score)];
        if (!kept.made || !same(kept.label, label) || (n && std::memcmp(kept.chances, chances, n * sizeof *chances) != 0))
            kept = {label, chances, Ref(make())};
        return kept.made ? shared(kept.made.get()) : nullptr;
    }

private:
    // A place holds the last that came there, so that a text in which no two are alike costs a table of this size and no more.
    static constexpr size_t FIELDS = 5, MOST = 14;
    struct Answer {
        Label label;
        const double *chances;
        Ref made;
    };
    std::vector<Answer> rows;
    size_t bits = 1;

    static uint64_t as_bits(double number) {
        uint64_t made;
        std::memcpy(&made, &number, sizeof made);
        return made;
    }
    size_t place(double score) const { return static_cast<size_t>((as_bits(score) * 0x9E3779B97F4A7C15u) >> (64 - bits)); }
    static bool same(const Label &a, const Label &b) {
        return a.label == b.label && a.reason == b.reason && as_bits(a.score) == as_bits(b.score) && as_bits(a.probability) == as_bits(b.probability);
    }
};

// The text that is scored, as Python has it and as the kernel has it.
struct Read {
    PyObject *text;  // the caller's, which places are told in
    Way way;
    View view;
    Result result;
    const char *language = nullptr;
    uint32_t trouble = 0;

    Span placed(uint32_t start, uint32_t end) const { return {way.start(view.character(start)), way.end(view.character(end))}; }
};

const std::vector<Ref> &labels_of(const KernelObject *self, const HeadInfo &head) { return (*self->heads)[head.spec].labels; }

// The answer of a head in a field of a sentence.
PyObject *sentence_answer(const KernelObject *self, Answers &answers, size_t field, const HeadInfo &head, const Label &label, const double *chances) {
    return answers.once(field, label, chances, label.label < 0 ? 0 : head.labels, [&] { return prediction(self, label, labels_of(self, head), chances); });
}

PyObject *sentence_valence(const KernelObject *self, const Read &read, size_t number, size_t &mention, Answers &answers) {
    const HeadInfo *head = self->kernel->valence();
    if (head == nullptr) return shared(Py_None);
    const Result &result = read.result;
    if (mention >= result.mentions.size() || result.mentions[mention].sentence != number) {
        Label none;
        none.reason = Reason::NO_TARGET;
        return sentence_answer(self, answers, 4, *head, none, nullptr);
    }
    const size_t at = mention++;
    return sentence_answer(self, answers, 4, *head, result.mention_labels[at], &result.mention_chances[at * head->labels]);
}

PyObject *sentence_hedged(const KernelObject *self, const Result &result, size_t number, Answers &answers) {
    if (!self->kernel->hedges()) return shared(Py_None);
    return answers.once(0, result.hedged[number], &result.hedged_chances[number], 1, [&] { return hedged(self, result, number); });
}

PyObject *sentence(const KernelObject *self, const Read &read, size_t number, size_t &mention, Answers &answers) {
    const Result &result = read.result;
    const std::vector<HeadInfo> &heads = self->kernel->sentence();
    const auto [start, end] = read.placed(read.view.sentences[number].start, read.view.sentences[number].end);
    PyObject *values[9] = {PyUnicode_Substring(read.text, start, end), PyLong_FromUnsignedLong(start), PyLong_FromUnsignedLong(end),
                           shared(self->names->voices[read.view.voices[number]].get())};
    values[4] = sentence_hedged(self, result, number, answers);
    for (int i = 5; i < 8; ++i) values[i] = nullptr;
    for (size_t h = 0; h < heads.size(); ++h) {
        const std::string &name = (*self->heads)[heads[h].spec].name;
        const int field = name == "vague" ? 5 : name == "attributed" ? 6 : 7;
        values[field] = sentence_answer(self, answers, static_cast<size_t>(field - 4), heads[h], result.sentences[number * heads.size() + h],
                                        &result.sentence_chances[number * self->kernel->sentence_width() + heads[h].at]);
    }
    for (int i = 5; i < 8; ++i)
        if (values[i] == nullptr && !PyErr_Occurred()) values[i] = shared(Py_None);
    values[8] = sentence_valence(self, read, number, mention, answers);
    return instance(self->sentence, self->names->sentence, values);
}

PyObject *cue(const KernelObject *self, const Read &read, const FoundCue &found) {
    const auto [start, end] = read.placed(read.view.tokens[found.first].start, read.view.tokens[found.stop - 1].end);
    PyObject *values[] = {PyUnicode_Substring(read.text, start, end),
                          PyLong_FromUnsignedLong(start),
                          PyLong_FromUnsignedLong(end),
                          shared((*self->types)[found.type].get()),
                          PyFloat_FromDouble(found.probability),
                          shared(self->names->voices[found.voice].get()),
                          PyLong_FromUnsignedLong(found.sentence)};
    return instance(self->cue, self->names->cue, values);
}

// A tuple of what `make(i)` gives.
template <class Make> PyObject *tuple_of(size_t n, Make make) {
    Ref tuple(PyTuple_New(static_cast<Py_ssize_t>(n)));
    for (size_t i = 0; tuple && i < n; ++i) {
        PyObject *item = make(i);
        if (item == nullptr) return nullptr;
        PyTuple_SetItem(tuple.get(), static_cast<Py_ssize_t>(i), item);
    }
    return tuple.release();
}

PyObject *floats(const double *values, size_t n) {
    return tuple_of(n, [&](size_t i) { return PyFloat_FromDouble(values[i]); });
}

PyObject *language(const Read &read) { return read.language ? PyUnicode_FromString(read.language) : shared(Py_None); }

// (label or None, rate, percentile or None, rates of the sentence heads, counts by type and voice)
PyObject *hedging(const KernelObject *self, const Result &result) {
    return Py_BuildValue("(NdNNN)", result.hedging < 0 ? shared(Py_None) : shared(self->names->hedgings[result.hedging].get()), result.hedged_rate,
                         result.percentile < 0 ? shared(Py_None) : PyFloat_FromDouble(result.percentile), floats(result.rates.data(), result.rates.size()),
                         tuple_of(self->types->size(), [&](size_t i) { return Py_BuildValue("(II)", result.counts[i][0], result.counts[i][1]); }));
}

// An article head's answer: a Prediction, or (reason, chances) of a head of several labels.
PyObject *article(const KernelObject *self, const Result &result, size_t h) {
    const HeadInfo &head = self->kernel->article()[h];
    const double *chances = &result.article_chances[head.at];
    if (!head.several) return prediction(self, result.article[h], labels_of(self, head), chances);
    return Py_BuildValue("(NN)", reason_of(self, result.article[h].reason), floats(chances, head.labels));
}

PyObject *answer(const KernelObject *self, const Read &read) {
    const Result &result = read.result;
    size_t mention = 0;
    Answers answers(read.view.sentences.size());
    const HeadInfo *valence = self->kernel->valence();
    Ref sentences(tuple_of(read.view.sentences.size(), [&](size_t i) { return sentence(self, read, i, mention, answers); }));
    Ref cues(tuple_of(result.cues.size(), [&](size_t i) { return cue(self, read, result.cues[i]); }));
    Ref articles(tuple_of(self->kernel->article().size(), [&](size_t h) { return article(self, result, h); }));
    Ref toward(valence ? prediction(self, result.valence, labels_of(self, *valence), result.valence_chances.data()) : shared(Py_None));
    Ref hedges(hedging(self, result));
    if (!sentences || !cues || !articles || !toward || !hedges) return nullptr;
    return Py_BuildValue("(NINOOOOO)", language(read), result.words, reason_of(self, result.reason), articles.get(), toward.get(), hedges.get(),
                         sentences.get(), cues.get());
}

// What is asked.

bool requested(PyObject *title, PyObject *target, Request &request) {
    if (title != Py_None) {
        request.titled = true;
        if (!strings(title, request.title)) return false;
    }
    if (target == Py_None) return true;
    if (PyList_Check(target)) {
        request.target.kind = Target::WORDS;
        return strings(target, request.target.words);
    }
    request.target.kind = Target::SPAN;
    unsigned int low = 0, high = 0;
    if (!PyArg_ParseTuple(target, "II", &low, &high)) return false;
    request.target.span = {low, high};
    return true;
}

// A text that is `cleaned` may still hold what makes another unclean: marks that compose with nothing, letters of another script.
void run(const Kernel &kernel, Scratch &scratch, std::string_view text, bool cleaned, Request &request, Read &read, bool heard = true) {
    read.trouble = cut(read.view, text.data(), text.size(), heard, cleaned);
    if (cleaned) read.trouble &= ~UNCLEAN;
    if (read.trouble) return;
    read.language = identify(read.view);
    request.english = read.language == nullptr || std::strcmp(read.language, "en") == 0;
    kernel.read(read.view, request, scratch, read.result);
}

ScratchHandle borrowed(KernelObject *self) {
    if (self->idle->empty()) return self->kernel->scratch();
    ScratchHandle taken = std::move(self->idle->back());
    self->idle->pop_back();
    return taken;
}

PyObject *kernel_read(PyObject *object, PyObject *arguments) {
    auto *self = reinterpret_cast<KernelObject *>(object);
    PyObject *text, *title, *target, *original = nullptr, *places, *offsets, *widths;
    std::string_view utf8;
    if (!PyArg_ParseTuple(arguments, "UOO|UOOO", &text, &title, &target, &original, &places, &offsets, &widths)) return nullptr;
    auto read = std::make_unique<Read>();
    read->text = original ? original : text;
    if (original && !read->way.read(places, offsets, widths)) return nullptr;
    Request request;
    if (!requested(title, target, request)) return nullptr;
    if (!viewed(text, utf8)) {  // lone surrogates
        PyErr_Clear();
        return shared(Py_None);
    }
    ScratchHandle scratch = borrowed(self);
    Py_BEGIN_ALLOW_THREADS
    run(*self->kernel, *scratch, utf8, original != nullptr, request, *read);
    Py_END_ALLOW_THREADS
    self->idle->push_back(std::move(scratch));
    if (read->trouble) return shared(Py_None);
    if (read->result.bad_target) return shared(Py_False);
    return answer(self, *read);
}

// Every score of a text's heads, toward a span: what golden texts are checked by.
PyObject *kernel_scores(PyObject *object, PyObject *arguments) {
    auto *self = reinterpret_cast<KernelObject *>(object);
    PyObject *text, *target;
    std::string_view utf8;
    if (!PyArg_ParseTuple(arguments, "UO", &text, &target) || !viewed(text, utf8)) return nullptr;
    Read read;
    Request request;
    request.everything = true;
    if (!requested(Py_None, target, request)) return nullptr;
    ScratchHandle scratch = borrowed(self);
    run(*self->kernel, *scratch, utf8, false, request, read);
    self->idle->push_back(std::move(scratch));
    const Result &result = read.result;
    if (read.trouble || result.bad_target) return shared(Py_None);
    return Py_BuildValue("(NNNN)", floats(result.article_scores.data(), result.article_scores.size()),
                         floats(result.sentence_scores.data(), self->kernel->sentence_outputs()),
                         floats(result.mention_scores.data(), result.mention_scores.size()),
                         tuple_of(result.found.size(), [&](size_t i) { return PyFloat_FromDouble(result.found[i].probability); }));
}

// What training asks of a model of cues, whatever the language: every candidate with its type and probability, and the types of the cues.
PyObject *kernel_found(PyObject *object, PyObject *arguments) {
    auto *self = reinterpret_cast<KernelObject *>(object);
    PyObject *text;
    int joined = 0, cleaned = 0;
    std::string_view utf8;
    if (!PyArg_ParseTuple(arguments, "Up|p", &text, &joined, &cleaned)) return nullptr;
    if (!viewed(text, utf8)) {
        PyErr_Clear();
        return shared(Py_None);
    }
    Read read;
    Request request;
    request.everything = true;
    read.trouble = cut(read.view, utf8.data(), utf8.size()) & (cleaned ? ~UNCLEAN : ~0u);
    if (read.trouble) return shared(Py_None);
    if (joined) join(read.view);
    ScratchHandle scratch = borrowed(self);
    self->kernel->read(read.view, request, *scratch, read.result);
    self->idle->push_back(std::move(scratch));
    const auto type = [self](const FoundCue &one) { return shared((*self->types)[one.type].get()); };
    const std::vector<FoundCue> &found = read.result.found, &cues = read.result.cues;
    return Py_BuildValue("(NN)", tuple_of(found.size(), [&](size_t i) { return Py_BuildValue("(INd)", found[i].sentence, type(found[i]), found[i].probability); }),
                         tuple_of(cues.size(), [&](size_t i) { return type(cues[i]); }));
}

// A row of framing.table.columns, without the last, the model's.

struct Row {
    const KernelObject *self;
    PyObject *tuple;
    Py_ssize_t at = 0;
    bool good = true;
    void add(PyObject *value) { good = value != nullptr && PyTuple_SetItem(tuple, at++, value) == 0 && good; }
    void number(double value) { add(PyFloat_FromDouble(value)); }
    void none(size_t n) {
        while (n--) add(shared(Py_None));
    }
};

void row_of_label(Row &row, const Label &label, const std::vector<Ref> &labels, const double *chances) {
    if (label.label < 0) return row.none(1 + labels.size());
    row.add(shared(labels[static_cast<size_t>(label.label)].get()));
    for (size_t i = 0; i < labels.size(); ++i) row.number(chances[i]);
}

void row_of_answer(Row &row, const Label &label, const std::vector<Ref> &labels) {
    if (label.label < 0) return row.none(2);
    row.add(shared(labels[static_cast<size_t>(label.label)].get()));
    row.number(label.probability);
}

void row_of_place(Row &row, PyObject *place, size_t number) {
    row.add(PySequence_GetItem(place, 0));
    row.add(PySequence_GetItem(place, 1));
    row.add(PyLong_FromSize_t(number));
}

void row_of_words(Row &row, PyObject *text, Span words) {
    row.add(PyLong_FromUnsignedLong(words.start));
    row.add(PyLong_FromUnsignedLong(words.end));
    row.add(PyUnicode_Substring(text, words.start, words.end));
}

void row_of_tone(Row &row, const Result &result) {
    const KernelObject *self = row.self;
    if (self->tone < 0 || result.article[self->tone].label < 0) return row.none(2);
    const HeadInfo &head = self->kernel->article()[self->tone];
    row.add(shared(labels_of(self, head)[static_cast<size_t>(result.article[self->tone].label)].get()));
    row.number(result.article_chances[head.at + 1]);
}

void row_of_hedging(Row &row, const Result &result) {
    const KernelObject *self = row.self;
    if (!self->kernel->hedges()) return row.none(5 + self->types->size());
    if (result.reason != Reason::NONE) {
        row.none(5);
    } else {
        row.add(result.hedging < 0 ? shared(Py_None) : shared(self->names->hedgings[result.hedging].get()));
        row.number(result.hedged_rate);
        for (const int head : self->rate_of) head < 0 ? row.none(1) : row.number(result.rates[head]);
        result.percentile < 0 ? row.none(1) : row.number(result.percentile);
    }
    for (size_t i = 0; i < self->types->size(); ++i) row.add(PyLong_FromUnsignedLong(result.counts[i][0] + result.counts[i][1]));
}

// The labels of frames that are present, surest first (the earlier of equals), joined.
PyObject *present(const KernelObject *self, const HeadInfo &head, const double *chances, const std::vector<double> &thresholds) {
    std::string joined;
    std::vector<bool> done(head.labels);
    for (;;) {
        uint32_t best = head.labels;
        for (uint32_t i = 0; i < head.labels; ++i)
            if (!done[i] && chances[i] >= thresholds[i] && (best == head.labels || chances[i] > chances[best])) best = i;
        if (best == head.labels) return PyUnicode_FromStringAndSize(joined.data(), static_cast<Py_ssize_t>(joined.size()));
        done[best] = true;
        std::string_view label;
        if (!viewed(labels_of(self, head)[best].get(), label)) return nullptr;
        (joined += joined.empty() ? "" : ";").append(label);
    }
}

void row_of_frames(Row &row, const Result &result, const std::vector<double> &thresholds) {
    const KernelObject *self = row.self;
    if (self->frames < 0) return row.none(1);
    const HeadInfo &head = self->kernel->article()[self->frames];
    if (result.article[self->frames].reason != Reason::NONE) {
        row.add(shared(self->names->empty.get()));
        return row.none(head.labels);
    }
    const double *chances = &result.article_chances[head.at];
    row.add(present(self, head, chances, thresholds));
    for (uint32_t i = 0; i < head.labels; ++i) row.number(chances[i]);
}

// The first reason for which a label abstains: tone, hedging, frames, a reader's own.
Reason silence(const KernelObject *self, const Result &result) {
    if (self->tone >= 0 && result.article[self->tone].reason != Reason::NONE) return result.article[self->tone].reason;
    if (self->kernel->hedges() && result.reason != Reason::NONE) return result.reason;
    if (self->frames >= 0 && result.article[self->frames].reason != Reason::NONE) return result.article[self->frames].reason;
    for (const Label &label : result.article)
        if (label.reason != Reason::NONE) return label.reason;
    return Reason::NONE;
}

PyObject *row(const KernelObject *self, const Read &read, Py_ssize_t width, const std::vector<double> &thresholds) {
    const Result &result = read.result;
    Ref tuple(PyTuple_New(width));
    if (!tuple) return nullptr;
    Row made{self, tuple.get()};
    row_of_tone(made, result);
    const HeadInfo *valence = self->kernel->valence();
    valence ? row_of_label(made, result.valence, labels_of(self, *valence), result.valence_chances.data()) : made.none(4);
    row_of_hedging(made, result);
    row_of_frames(made, result, thresholds);
    const std::vector<HeadInfo> &heads = self->kernel->article();
    for (size_t h = 0; h < heads.size(); ++h)
        if (static_cast<int>(h) != self->tone && static_cast<int>(h) != self->frames)
            row_of_label(made, result.article[h], labels_of(self, heads[h]), &result.article_chances[heads[h].at]);
    const Reason reason = silence(self, result);
    made.add(PyLong_FromUnsignedLong(result.words));
    made.add(PyLong_FromSize_t(read.view.sentences.size()));
    made.add(language(read));
    made.add(shared((reason == Reason::NONE ? self->names->ok : self->names->abstained).get()));
    made.add(reason_of(self, reason));
    if (made.at != width && !PyErr_Occurred()) PyErr_SetString(PyExc_SystemError, "a row does not fit its columns");
    return made.good && made.at == width ? tuple.release() : nullptr;
}

// (key, row, number, start, end, text, voice, a label and its probability for each head) of a sentence: framing.archive.schema.sentences.
PyObject *sentence_row(const KernelObject *self, const Read &read, PyObject *place, size_t number, size_t &mention) {
    const Result &result = read.result;
    const std::vector<HeadInfo> &heads = self->kernel->sentence();
    const Span words = read.placed(read.view.sentences[number].start, read.view.sentences[number].end);
    Ref tuple(PyTuple_New(17));
    if (!tuple) return nullptr;
    Row made{self, tuple.get()};
    row_of_place(made, place, number);
    row_of_words(made, read.text, words);
    made.add(shared(self->names->voices[read.view.voices[number]].get()));
    const Label *said[4] = {self->kernel->hedges() ? &result.hedged[number] : nullptr, nullptr, nullptr, nullptr};
    const std::vector<Ref> *names[4] = {};
    for (size_t h = 0; h < heads.size(); ++h) {
        const std::string &name = (*self->heads)[heads[h].spec].name;
        const int field = name == "vague" ? 1 : name == "attributed" ? 2 : 3;
        said[field] = &result.sentences[number * heads.size() + h];
        names[field] = &labels_of(self, heads[h]);
    }
    if (said[0] == nullptr || said[0]->label < 0) {
        made.none(2);
    } else {
        made.add(shared((said[0]->label ? self->names->hedged : self->names->plain).get()));
        made.number(said[0]->probability);
    }
    for (int i = 1; i < 4; ++i) said[i] == nullptr ? made.none(2) : row_of_answer(made, *said[i], *names[i]);
    const HeadInfo *valence = self->kernel->valence();
    if (valence == nullptr || mention >= result.mentions.size() || result.mentions[mention].sentence != number)
        made.none(2);
    else
        row_of_answer(made, result.mention_labels[mention++], labels_of(self, *valence));
    return made.good ? tuple.release() : nullptr;
}

// (key, row, number, sentence, start, end, text, type, probability, voice) of a cue: framing.archive.schema.cues.
PyObject *cue_row(const KernelObject *self, const Read &read, PyObject *place, size_t number) {
    const FoundCue &found = read.result.cues[number];
    Ref tuple(PyTuple_New(10));
    if (!tuple) return nullptr;
    Row made{self, tuple.get()};
    row_of_place(made, place, number);
    made.add(PyLong_FromUnsignedLong(found.sentence));
    row_of_words(made, read.text, read.placed(read.view.tokens[found.first].start, read.view.tokens[found.stop - 1].end));
    made.add(shared((*self->types)[found.type].get()));
    made.number(found.probability);
    made.add(shared(self->names->voices[found.voice].get()));
    return made.good ? tuple.release() : nullptr;
}

// The row, with the rows of its sentences and cues where a place (key, row) is given for them.
PyObject *row_with_details(const KernelObject *self, const Read &read, Py_ssize_t width, const std::vector<double> &thresholds, PyObject *place) {
    Ref whole(row(self, read, width, thresholds));
    if (!whole || place == nullptr) return whole.release();
    size_t mention = 0;
    Ref sentences(tuple_of(read.view.sentences.size(), [&](size_t i) { return sentence_row(self, read, place, i, mention); }));
    Ref cues(tuple_of(read.result.cues.size(), [&](size_t i) { return cue_row(self, read, place, i); }));
    return sentences && cues ? Py_BuildValue("(OOO)", whole.get(), sentences.get(), cues.get()) : nullptr;
}

// Some texts are read in one go without the GIL, so that threads seldom wait for one another's turn at it.
constexpr size_t TOGETHER = 16, TOGETHER_BYTES = 1 << 16;

struct Turn {
    std::unique_ptr<Read> read = std::make_unique<Read>();
    Request request;
    std::string_view text;
    bool readable = false;

    bool ask(PyObject *object, PyObject *title, PyObject *target) {
        if (text.size() > TOGETHER_BYTES) read = std::make_unique<Read>();  // a long text's memory is let go of
        read->text = object;
        request = Request();
        text = {};
        readable = encoded(object, text);
        if (!readable) PyErr_Clear();
        return requested(title, target, request);
    }
};

bool same_length(PyObject *list, Py_ssize_t n) { return PyList_Check(list) && PyList_Size(list) == n; }

PyObject *kernel_rows(PyObject *object, PyObject *arguments) {
    auto *self = reinterpret_cast<KernelObject *>(object);
    PyObject *texts, *titles, *targets, *cuts, *places = Py_None;
    Py_ssize_t width;
    int cleaned = 0;
    if (!PyArg_ParseTuple(arguments, "O!O!O!nO|pO", &PyList_Type, &texts, &PyList_Type, &titles, &PyList_Type, &targets, &width, &cuts, &cleaned, &places))
        return nullptr;
    const Py_ssize_t n = PyList_Size(texts);
    std::vector<double> thresholds;
    for (Py_ssize_t i = 0; i < PySequence_Size(cuts); ++i) {
        Ref value(PySequence_GetItem(cuts, i));
        thresholds.push_back(value ? PyFloat_AsDouble(value.get()) : 0);
    }
    if (PyErr_Occurred()) return nullptr;
    if (!same_length(titles, n) || !same_length(targets, n) || (places != Py_None && !same_length(places, n))) {
        PyErr_SetString(PyExc_ValueError, "texts, titles, targets and places must be lists of one length");
        return nullptr;
    }
    Ref rows(PyList_New(n));
    if (!rows) return nullptr;
    ScratchHandle scratch = borrowed(self);
    const bool heard = places != Py_None || self->kernel->hears();
    std::vector<Turn> turns(std::min(TOGETHER, static_cast<size_t>(n)));
    for (Py_ssize_t at = 0; at < n;) {
        size_t count = 0, bytes = 0;
        for (Py_ssize_t i = at; i < n && count < turns.size() && bytes < TOGETHER_BYTES; ++i) {
            Turn &turn = turns[count++];
            if (!turn.ask(PyList_GetItem(texts, i), PyList_GetItem(titles, i), PyList_GetItem(targets, i))) return nullptr;
            bytes += turn.text.size();
        }
        Py_BEGIN_ALLOW_THREADS
        for (size_t i = 0; i < count; ++i)
            if (turns[i].readable) run(*self->kernel, *scratch, turns[i].text, cleaned, turns[i].request, *turns[i].read, heard);
        Py_END_ALLOW_THREADS
        for (size_t i = 0; i < count; ++i, ++at) {
            const Read &read = *turns[i].read;
            const bool answered = turns[i].readable && !read.trouble && !read.result.bad_target;
            PyObject *place = places == Py_None ? nullptr : PyList_GetItem(places, at);
            PyObject *made = answered ? row_with_details(self, read, width, thresholds, place) : shared(Py_None);
            if (made == nullptr) return nullptr;
            PyList_SetItem(rows.get(), at, made);
        }
    }
    self->idle->push_back(std::move(scratch));
    return rows.release();
}

// Life.

bool named(Names &names) {
    const auto list = [](Ref *into, std::initializer_list<const char *> texts) {
        for (const char *text : texts) *into++ = Ref(PyUnicode_InternFromString(text));
    };
    list(names.prediction, {"label", "probability", "probabilities", "score", "reason"});
    list(names.sentence, {"text", "start", "end", "voice", "hedged", "vague", "attributed", "loaded", "valence"});
    list(names.cue, {"text", "start", "end", "type", "probability", "voice", "sentence"});
    for (int i = 1; i < 6; ++i) names.reasons[i] = Ref(PyUnicode_InternFromString(REASONS[i]));
    for (int i = 0; i < 3; ++i) names.hedgings[i] = Ref(PyUnicode_InternFromString(HEDGINGS[i]));
    list(names.voices, {"author", "quoted"});
    list(&names.plain, {"plain"});
    list(&names.hedged, {"hedged"});
    list(&names.ok, {"ok"});
    list(&names.abstained, {"abstained"});
    list(&names.empty, {""});
    return !PyErr_Occurred();
}

void remember(KernelObject *self, const ModelSpec &spec) {
    for (const HeadSpec &head : spec.heads) {
        self->heads->push_back({std::string(head.name), {}});
        for (const std::string_view label : head.labels)
            self->heads->back().labels.emplace_back(PyUnicode_FromStringAndSize(label.data(), static_cast<Py_ssize_t>(label.size())));
    }
    for (const std::string_view type : spec.types)
        self->types->emplace_back(PyUnicode_FromStringAndSize(type.data(), static_cast<Py_ssize_t>(type.size())));
    self->tone = self->frames = self->rate_of[0] = self->rate_of[1] = -1;
    const auto number = [&](const std::vector<HeadInfo> &heads, const char *name) {
        for (size_t h = 0; h < heads.size(); ++h)
            if ((*self->heads)[heads[h].spec].name == name) return static_cast<int>(h);
        return -1;
    };
    self->tone = number(self->kernel->article(), "tone");
    self->frames = number(self->kernel->article(), "frames");
    self->rate_of[0] = number(self->kernel->sentence(), "vague");
    self->rate_of[1] = number(self->kernel->sentence(), "attributed");
}

PyObject *kernel_new(PyTypeObject *type, PyObject *arguments, PyObject *) {
    PyObject *spec, *tensors, *lists, *prediction, *sentence, *cue;
    if (!PyArg_ParseTuple(arguments, "O!O!O!OOO", &PyDict_Type, &spec, &PyDict_Type, &tensors, &PyDict_Type, &lists, &prediction, &sentence, &cue))
        return nullptr;
    Buffers buffers;
    ModelSpec model;
    if (!head_specs(field(spec, "heads"), tensors, buffers, model.heads) || !head_specs(field(spec, "cues"), tensors, buffers, model.cues) ||
        !lexicon_specs(field(spec, "lexicons"), tensors, buffers, model.lexicons) || !tensor(tensors, "reference", buffers, model.reference) ||
        !tensor(tensors, "terms/pieces", buffers, model.pieces) || !tensor(tensors, "terms/shape", buffers, model.shape) ||
        !tensor(tensors, "terms/steps", buffers, model.steps) ||
        !word_lists(lists, model))
        return nullptr;
    std::string why;
    std::unique_ptr<const Kernel> kernel = Kernel::build(model, why);
    if (!kernel) {
        PyErr_SetString(PyExc_ValueError, why.c_str());
        return nullptr;
    }
    auto *self = reinterpret_cast<KernelObject *>(PyType_GenericAlloc(type, 0));
    if (self == nullptr) return nullptr;
    self->kernel = kernel.release();
    self->names = new Names;
    self->heads = new std::vector<HeadNames>;
    self->types = new std::vector<Ref>;
    self->idle = new std::vector<ScratchHandle>;
    self->prediction = shared(prediction);
    self->sentence = shared(sentence);
    self->cue = shared(cue);
    remember(self, model);
    if (named(*self->names)) return reinterpret_cast<PyObject *>(self);
    Py_DECREF(self);
    return nullptr;
}

void kernel_dealloc(PyObject *object) {
    auto *self = reinterpret_cast<KernelObject *>(object);
    delete self->idle;
    delete self->types;
    delete self->heads;
    delete self->names;
    delete self->kernel;
    Py_XDECREF(self->prediction);
    Py_XDECREF(self->sentence);
    Py_XDECREF(self->cue);
    freed(object);
}

PyMethodDef kernel_methods[] = {
    {"read", kernel_read, METH_VARARGS, "read(text, title tokens or None, target[, the text before it was cleaned, places, offsets, widths of its Way]) -> answer; None: clean the text first; False: the span holds no word"},
    {"scores", kernel_scores, METH_VARARGS, "scores(text, span) -> scores of article heads, of sentence heads, of valence, chances of candidates"},
    {"found", kernel_found, METH_VARARGS, "found(text, joined, cleaned=False) -> (sentence, type, probability) of every candidate, types of the cues; None: clean the text first"},
    {"rows", kernel_rows, METH_VARARGS, "rows(texts or their UTF-8, titles, targets, width, cuts of frames, cleaned=False, places=None) -> a tuple or None for each text; with places (key, row) of texts that are str: (tuple, rows of sentences, rows of cues)"},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot kernel_slots[] = {
    {Py_tp_doc, const_cast<char *>("A model's tables: Kernel(spec, tensors, word lists, Prediction, Sentence, Cue). ValueError if it is not one that the kernel knows.")},
    {Py_tp_new, reinterpret_cast<void *>(kernel_new)},
    {Py_tp_dealloc, reinterpret_cast<void *>(kernel_dealloc)},
    {Py_tp_methods, kernel_methods},
    {0, nullptr},
};

PyType_Spec kernel_type = {"framing._native.Kernel", sizeof(KernelObject), 0, Py_TPFLAGS_DEFAULT, kernel_slots};

PyMethodDef module_methods[] = {
    {"view", inspect_view, METH_O, "view(text: bytes) -> what the text layer sees, in characters"},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef module = {PyModuleDef_HEAD_INIT, "framing._native", "The kernel: the same labels as framing's Python, from C++.", 0, module_methods,
                      nullptr, nullptr, nullptr, nullptr};

}  // namespace
}  // namespace framing

PyMODINIT_FUNC PyInit__native() {
    using namespace framing;
    Ref made(PyModule_Create(&module));
    if (!made) return nullptr;
    Ref type(PyType_FromSpec(&kernel_type));
    if (!type || PyModule_AddObjectRef(made.get(), "Kernel", type.get()) < 0 || !add_learner(made.get())) return nullptr;
    return made.release();
}
