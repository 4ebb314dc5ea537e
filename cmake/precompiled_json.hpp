// nlohmann/json.hpp as it is precompiled: without the bodies of its literals ""_json and
// ""_json_pointer, which nobody here uses. GCC would have to instantiate the parser that they call
// anew in every file that has the precompiled header, and that is a second of each. Each body goes
// to a template that nobody instantiates; whoever uses a literal is told by the linker.
#pragma once
#pragma GCC system_header

#define _json(text, size) \
    _json(text, size);    \
    template <class>      \
    nlohmann::json no_json_literal(text, size)
#define _json_pointer(text, size) \
    _json_pointer(text, size);    \
    template <class>              \
    nlohmann::json::json_pointer no_json_pointer_literal(text, size)
#include <nlohmann/json.hpp>
#undef _json
#undef _json_pointer
