#pragma once

#include <map>
#include <set>
#include <string>

#include "source_text.hpp"

namespace architecture {

/// The modules as CMake declared them.
struct Graph {
    std::map<std::string, std::set<std::string>> depends;  ///< what each of them may include
    std::set<std::string> platform;  ///< those that know no business, and the program

    bool contains(const std::string& module) const { return depends.contains(module); }
};

/// Reads what CMake wrote: one line per module, `news: base telemetry config …`, those of the
/// platform as `config platform: base telemetry`.
Graph parse_graph(const std::string& text);

/// A quoted include with a slash crosses a boundary and needs a declared dependency; one without
/// stays home; `..` never. Only main may see everything.
Findings check_boundaries(const Source& source, const Graph& graph);

/// Inside a business module a file is pure (standard library, base, and pure files of business
/// modules: rules and plain values) unless its name says what else it may use.
Findings check_purity(const Source& source, const Graph& graph);

/// In a business module, SQL stands only in files named `*_store`.
Findings check_sql(const Source& source, const Graph& graph);

/// Only files named src/database/sqlite_* know SQLite: its header, its functions, its pragmas and
/// the SQL that no other engine takes. Everybody else speaks to the interface of `database`.
Findings check_engine(const Source& source);

/// Every folder of src/ and include/ is a declared module.
Findings check_declared(const Source& source, const Graph& graph);

}  // namespace architecture
