// What the extension's files share: references to Python's objects, what is read of them, and what is made of the kernel's.
#pragma once

#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string_view>
#include <utility>
#include <vector>

#include "score.h"

namespace framing {

// An owned reference.
class Ref {
public:
    Ref() = default;
    explicit Ref(PyObject *owned) : object(owned) {}
    Ref(Ref &&other) noexcept : object(other.release()) {}
    Ref &operator=(Ref &&other) noexcept {
        PyObject *taken = other.release();
        Py_XDECREF(object);
        object = taken;
        return *this;
    }
    Ref(const Ref &) = delete;
    Ref &operator=(const Ref &) = delete;
    ~Ref() { Py_XDECREF(object); }
    PyObject *get() const { return object; }
    PyObject *release() {
        PyObject *given = object;
        object = nullptr;
        return given;
    }
    explicit operator bool() const { return object != nullptr; }

private:
    PyObject *object = nullptr;
};

inline PyObject *shared(PyObject *object) {
    Py_INCREF(object);
    return object;
}

inline bool viewed(PyObject *text, std::string_view &out) {
    Py_ssize_t size = 0;
    const char *data = PyUnicode_AsUTF8AndSize(text, &size);
    if (data == nullptr) return false;
    out = {data, static_cast<size_t>(size)};
    return true;
}

// The UTF-8 of a string, or bytes that are that already (the kernel looks whether they are); false for anything else.
inline bool encoded(PyObject *text, std::string_view &out) {
    if (PyUnicode_Check(text)) return viewed(text, out);
    if (!PyBytes_Check(text)) return false;
    out = {PyBytes_AsString(text), static_cast<size_t>(PyBytes_Size(text))};
    return true;
}

// The strings of a list or tuple, kept alive by it.
inline bool strings(PyObject *sequence, Strings &out) {
    const Py_ssize_t n = PySequence_Size(sequence);
    for (Py_ssize_t i = 0; i < n; ++i) {
        Ref item(PySequence_GetItem(sequence, i));
        std::string_view text;
        if (!item || !viewed(item.get(), text)) return false;
        out.push_back(text);
    }
    return n >= 0;
}

// A list of what `make` gives of each item; NULL if any is.
template <class Item, class Make> PyObject *listed(const std::vector<Item> &items, Make make) {
    PyObject *list = PyList_New(static_cast<Py_ssize_t>(items.size()));
    for (size_t i = 0; list != nullptr && i < items.size(); ++i) {
        PyObject *made = make(items[i]);
        if (made == nullptr || PyList_SetItem(list, static_cast<Py_ssize_t>(i), made) < 0) {
            Py_DECREF(list);
            return nullptr;
        }
    }
    return list;
}

// The end of an object of one of the extension's types, when what it holds is gone.
inline void freed(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

inline PyObject *field(PyObject *dict, const char *key) {  // borrowed
    PyObject *value = PyDict_GetItemString(dict, key);
    if (value == nullptr && !PyErr_Occurred()) PyErr_SetString(PyExc_KeyError, key);
    return value;
}

inline bool groups(PyObject *lists, std::vector<GroupSpec> &out) {
    PyObject *key = nullptr, *value = nullptr;
    Py_ssize_t at = 0;
    while (lists != nullptr && PyDict_Next(lists, &at, &key, &value)) {
        GroupSpec group;
        if (!viewed(key, group.name) || !strings(value, group.types)) return false;
        out.push_back(group);
    }
    return lists != nullptr;
}

inline bool word_lists(PyObject *lists, ModelSpec &out) {
    const std::pair<const char *, Strings *> wanted[] = {
        {"types", &out.types},     {"opens", &out.opens},       {"negations", &out.negations}, {"elsewhere", &out.elsewhere},
        {"clause", &out.clause},   {"past", &out.past},         {"present", &out.present},     {"numerals", &out.numerals},
        {"quantifiers", &out.quantifiers}, {"open", &out.open}, {"auxiliaries", &out.auxiliaries}, {"pronouns", &out.pronouns},
        {"stops", &out.stops},
    };
    for (const auto &[key, into] : wanted) {
        PyObject *list = field(lists, key);
        if (list == nullptr || !strings(list, *into)) return false;
    }
    return groups(field(lists, "groups"), out.groups) && groups(field(lists, "roles"), out.roles);
}

}  // namespace framing
